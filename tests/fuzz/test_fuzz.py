"""The inputs of the corpus, one pass each, and the fuzzer itself. `make fuzz` runs for longer."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
from fuzz import corpus, forms
from fuzz.lines import Lines
from fuzz.mutate import WORDS, mutate
from fuzz.parsers import public_parsers
from fuzz.targets import STARTING_PROGRAMS, TARGETS
from fuzz.trial import Target, attempt
from fuzz.worker import Found, Search, State, shrunk

from nixfetch_docker.errors import NixfetchError

_BY_PYTHON = sorted(TARGETS.keys() - STARTING_PROGRAMS)

# Public parsers that no target calls, and why.
_EXEMPT = {
    "base/userinfo.strike_typed": "takes words of the command line, and a message",
    "endpoints/registries_conf.RegistriesConf.from_environment": "finds files; `parse` reads them",
    "lockfile/commit.Repository.of": "asks git for a directory",
    "lockfile/contents.Contents.of_image": "has a parsed manifest and a parsed config",
    "lockfile/explanation.explain": "has a parsed lock, and asks git and a registry",
    "lockfile/origin.find_origin": "fetches a config; `Origin` reads it",
    "lockfile/selection.choose_from": "takes names from the command line",
    "lockfile/tag_matching.find_versions": "matches in a process of its own, which is ended",
    "logins/credentials.Credentials.find": "searches parsed files",
    "logins/credentials.Credentials.from_environment": "finds files; `CredentialFile` reads them",
    "logins/credentials.GivenLogins.find": "searches parsed logins",
    "logins/late.LateLogins.find": "searches logins that are made for it",
    "logins/sandbox.explain": "has an error and the environment of a build",
    "registry/transport.Transport.open": "opens connections; targets give it answers",
}


@pytest.fixture(scope="module")
def reached() -> Lines:
    """The lines that the inputs of the corpus reach."""
    lines = Lines()
    for name in _BY_PYTHON:
        for data in corpus.inputs(name):
            with lines.watched():
                attempt(TARGETS[name], data)
    return lines


@pytest.mark.parametrize(
    ("name", "path"),
    [
        pytest.param(name, path, id=f"{name}/{path.name}")
        for name in _BY_PYTHON
        for path in corpus.paths(name)
    ],
)
def test_every_input_of_the_corpus_is_read_or_refused(name: str, path: Path) -> None:
    failure = attempt(TARGETS[name], path.read_bytes())
    assert failure is None, failure.text


def test_every_target_has_inputs_to_start_from() -> None:
    directories = {path.name for path in corpus.ROOT.iterdir()}
    assert directories == set(TARGETS)
    assert all(corpus.inputs(name) for name in TARGETS)


def test_every_public_parser_has_a_target(reached: Lines) -> None:
    parsers = public_parsers()
    assert {"oci/reference.Reference.parse", "registry/links.next_page"} <= parsers
    # Both ways: a reason that is no longer needed must go, too.
    assert parsers - reached.functions == set(_EXEMPT)


@pytest.mark.parametrize("name", TARGETS)
def test_mutations_never_fail_and_depend_on_the_seed_alone(name: str) -> None:
    inputs = corpus.inputs(name)

    def some(seed: int) -> Iterator[bytes]:
        random = Random(seed)  # noqa: S311 (to repeat it is the point)
        for _ in range(60):
            # Inputs that are empty or hold no structure any more are mutated as well.
            data = random.choice([*inputs, b"", b"{", b"\n"])
            for _ in range(3):
                data = mutate(data, random, inputs)
            yield data

    first = list(some(1))
    assert list(some(1)) == first
    assert len(set(first)) > 30


def _unlikely(data: bytes) -> None:
    """Fails for a negative size deep inside, which blind changes of bytes hardly make."""
    with suppress(ValueError, TypeError, LookupError):
        size = json.loads(data)["config"]["size"]
        if isinstance(size, int) and size < 0:
            # No `ValueError`, `TypeError` or `LookupError`.
            raise ArithmeticError(size)


def _raises_raw(_data: bytes) -> None:
    raise NixfetchError("a line\nand another")


def _raises_all(data: bytes) -> None:
    raise NixfetchError(data.decode(errors="replace") * 5000)


def _says_it(_data: bytes) -> None:
    raise NixfetchError("this is not a manifest")


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        pytest.param(_raises_raw, "NixfetchError that is not printable", id="line break"),
        pytest.param(_raises_all, "NixfetchError of more than 4000 characters", id="length"),
        pytest.param(lambda data: data.index(b"absent"), "ValueError", id="foreign error"),
        pytest.param(_says_it, None, id="an error as it should be"),
    ],
)
def test_only_errors_of_the_package_in_one_short_line_may_come(
    target: Target, kind: str | None
) -> None:
    failure = attempt(target, b"{}")
    assert (failure.kind.partition(" (")[0] if failure else None) == kind


def test_a_fault_behind_structure_is_found_and_shrunk(tmp_path: Path) -> None:
    found: list[Found] = []
    search = Search("manifest", _unlikely, 1, found.append)
    state = State(tmp_path / "state")
    until = time.monotonic() + 60
    while not found and time.monotonic() < until:
        search.run(time.monotonic() + 0.2, state)
    (one,) = found
    assert one.failure.kind == "ArithmeticError (test_fuzz.py, _unlikely)"
    assert len(one.data) < 100
    number, target, data = State.read(tmp_path / "state")
    assert (number, target) == (search.report.inputs, "manifest")
    assert data


def test_shrinking_keeps_the_failure() -> None:
    def target(data: bytes) -> None:
        assert not (b"a" in data and b"z" in data)

    failure = attempt(target, b"xx a yy\n zz z")
    assert failure is not None
    assert sorted(shrunk(target, b"xx a yy\n zz z", failure.kind)) == sorted(b"az")


def test_what_failed_is_kept_in_the_corpus_of_its_target(tmp_path: Path) -> None:
    path = corpus.keep("json", b"NaN", tmp_path)
    assert path.parent == tmp_path / "json"
    assert path.read_bytes() == b"NaN"
    assert corpus.keep("json", b"[]", tmp_path) != path


def test_documents_name_those_behind_them() -> None:
    inner = b'{"a":1}'
    data = b"=== top\n@hex:m@ @size:m@\n=== m = blobs/@hex:m@\n" + inner + b"\n"
    digest = hashlib.sha256(inner).hexdigest()
    assert forms.files(data) == [("top", f"{digest} 7".encode()), (f"blobs/{digest}", inner)]
    (answer,) = forms.answers(b"=== a\n404\nLink: <x>\nLink: <y>\nno header\n\nbody\n")
    assert (answer.status, answer.body) == (404, b"body")
    assert answer.headers == [(b"Link", b"<x>"), (b"Link", b"<y>")]


def test_words_are_each_there_once() -> None:
    assert len(set(WORDS)) == len(WORDS)
