# `make demo` shows the whole way of an image; `make test` checks everything; each sets up what
# it needs: Debian packages (as root) and a virtual environment in .venv. No service of these packages
# is started or enabled, and `make undo` removes them. `make unit` needs Python alone.

# What the demo runs for real, and what Nix builds the package with.
DEMO_PACKAGES = ca-certificates docker-registry nix-bin podman python3-cryptography \
  python3-hatchling python3-httpx python3-nacl python3-rich python3-shtab python3-tomli python3-venv python3-yaml runc \
  scdoc skopeo

# What the end-to-end tests run for real.
DEBIAN_PACKAGES = $(DEMO_PACKAGES) busybox-static containerd docker.io fish git groff-base \
  mmdebstrap nginx openssh-client openssh-server squid umoci zsh zstd

# Debian's own Python where there is one: its packages are what Nix builds the package with.
PYTHON = $(shell command -v apt-get > /dev/null && echo /usr/bin/python3 || echo python3)
BIN = .venv/bin
# Half of the time, an end-to-end test waits for another program.
WORKERS = $(shell echo $$((2 * $$(getconf _NPROCESSORS_ONLN))))

.PHONY: demo pictures docs test end-to-end flake-check dist test-current-nix test-machine \
  test-fresh-debian unit coverage fuzz mutants lint setup demo-setup undo venv bench torture \
  reference clean

demo: demo-setup venv
	@PYTHONPATH=tests $(BIN)/python scripts/demo.py

# The same, drawn by rich for the README: docs/pictures/demo-light.svg and demo-dark.svg.
pictures: demo-setup venv
	PYTHONPATH=tests $(BIN)/python scripts/demo.py --pictures docs/pictures

test: setup lint
	$(BIN)/pytest -n $(WORKERS) --dist worksteal

# Those with real registries, Nix and engines alone.
end-to-end: setup venv
	$(BIN)/pytest -n $(WORKERS) --dist worksteal tests/end_to_end

# The tests that need no other program than Python, in two minutes.
unit: venv
	$(BIN)/pytest -n auto tests/unit tests/registry tests/fuzz

# Branch coverage of the tests that need Python alone, with the processes that they start.
coverage: venv
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -q tests/unit tests/registry tests/fuzz
	$(BIN)/coverage combine -q
	$(BIN)/coverage report

# Mutations of the inputs in tests/fuzz/corpus/ for all parsers of foreign bytes. SECONDS is how long;
# with the SEED that is printed, the mutations are the same.
SECONDS = 60
fuzz: venv
	PYTHONPATH=tests $(BIN)/python -m fuzz --seconds $(SECONDS) $(if $(SEED),--seed $(SEED))

# The changes of the code that no test notices, against tests/mutants.toml. ROOMS="oci versions" takes some of the
# rooms, MUTANTS_SAMPLE=300 so many of the mutants.
mutants: venv
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[mutants]'
	$(BIN)/python scripts/mutants.py $(if $(MUTANTS_SAMPLE),--sample $(MUTANTS_SAMPLE)) $(if $(SEED),--seed $(SEED)) \
	  $(ROOMS)

# The end-to-end tests once more, with the Nix, Python and podman of a later Debian: trixie, forky or sid.
SUITE = trixie
test-current-nix: setup
	scripts/current-nix --suite $(SUITE)

# Machines that boot, of Debian trixie, forky or sid: the module's units under systemd.
test-machine: setup venv
	SUITE=$(SUITE) $(BIN)/pytest tests/end_to_end/test_machine*.py

# That the demo and the setup enable no service in a fresh Debian, and can be undone.
test-fresh-debian: setup
	scripts/fresh-debian

lint: venv
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo

# Kill the commands that write, fill their disk, and look at what they leave.
KILLS = 1000
torture: setup venv
	PYTHONPATH=tests $(BIN)/python scripts/torture.py --kills $(KILLS) $(if $(SEED),--seed $(SEED))

# What commands and builds cost beside the tools that do the same, RUNS times in turn: docs/explanation/speed.md.
RUNS = 9
bench: setup venv
	PYTHONPATH=tests:scripts $(BIN)/python -m bench --runs $(RUNS)

# The site of docs/, into .site. Any warning is an error: a link or an anchor that leads nowhere, a page in no list.
docs: venv
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[docs]'
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

# The checks of the flake, with the nixpkgs that flake.lock names, or with another one by
# FLAKE="--override-input nixpkgs path:…".
flake-check:
	nix --extra-experimental-features 'nix-command flakes' flake check --print-build-logs $(FLAKE)

# The sdist and the wheel in dist/, each installed once by pip as anybody would. The wheel has the
# manual page where scdoc is installed. With TAG, they must be of that version, and have the page.
dist: venv
	rm -rf dist
	$(BIN)/python -m hatchling build -d dist
	$(BIN)/python scripts/try_dist.py dist $(if $(TAG),--tag "$$TAG")

# Write the pages in docs/reference/ that are made of the sources, and the schema of images.toml. It needs Nix.
reference: venv
	$(BIN)/python scripts/images_schema.py
	PYTHONPATH=scripts $(BIN)/python -m reference

setup:
	@scripts/debian-packages install $(DEBIAN_PACKAGES)

demo-setup:
	@scripts/debian-packages install $(DEMO_PACKAGES)

# Remove the Debian packages that these targets have installed; apt shows them, and asks.
undo:
	scripts/debian-packages undo

venv: .venv/.made

.venv/.made: pyproject.toml
	@$(PYTHON) -c 'import ensurepip, venv' 2> /dev/null \
	  || { echo 'Python lacks venv: run `make setup` on Debian, as root'; exit 1; }
	@echo 'Making .venv'
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

clean:
	rm -rf .site .venv dist .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis .mutants
