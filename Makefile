# `make demo` shows the whole way of an image; `make test` checks everything; each sets up what
# it needs: Debian packages (as root) and a virtual environment in .venv.

# What the tests and the demo run for real, and what Nix builds the package with.
DEBIAN_PACKAGES = busybox-static ca-certificates containerd docker-registry docker.io fish git groff-base mmdebstrap \
  nix-bin podman python3-hatchling python3-httpx python3-rich python3-tomli python3-venv runc \
  skopeo squid umoci zsh zstd

PYTHON = /usr/bin/python3
BIN = .venv/bin

.PHONY: demo test test-current-nix lint setup venv bench clean

demo: setup venv
	$(BIN)/python scripts/demo.py

test: setup lint
	$(BIN)/pytest -n auto

# The end-to-end tests once more, with the Nix, Python and podman of a later Debian.
test-current-nix: setup
	scripts/current-nix

lint: venv
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo

bench: setup venv
	$(BIN)/python scripts/bench.py

setup:
	@missing=$$(for package in $(DEBIAN_PACKAGES); do \
	  dpkg-query -W -f '$${db:Status-Status}' $$package 2>/dev/null | grep -qx installed \
	    || echo $$package; \
	done); \
	if [ -n "$$missing" ]; then \
	  apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; \
	fi

venv: .venv/.made

.venv/.made: pyproject.toml | setup
	$(PYTHON) -m venv --clear .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
