from __future__ import annotations

from pathlib import Path

import pytest
from support.nix_programs import Programs

from nixfetch_docker.nix.program import StoreError
from nixfetch_docker.nix.store import Store, portions
from nixfetch_docker.nix.store_path import blob_name, blob_path
from nixfetch_docker.oci.digest import Digest

DIRECTORY = "/home/ann/store"
A, B = (Digest.of(data) for data in (b"a", b"b"))
SHA512 = Digest.parse(f"sha512:{'0' * 128}")


@pytest.fixture
def programs(tmp_path: Path) -> Programs:
    made = Programs(tmp_path / "bin")
    made.write("nix-instantiate", f"""echo '"{DIRECTORY}"'""")
    return made


def test_the_path_of_a_blob_is_in_the_directory_of_the_store(programs: Programs) -> None:
    store = Store(programs.environment)
    assert [store.path(A), store.path(B)] == [blob_path(DIRECTORY, A), blob_path(DIRECTORY, B)]
    assert programs.calls("nix-instantiate") == ["--eval --json --expr builtins.storeDir"]


def test_a_store_lacks_the_blobs_whose_paths_are_invalid(programs: Programs) -> None:
    programs.write("nix-store", f"echo {blob_path(DIRECTORY, B)}")
    assert Store(programs.environment).lacks([A, B]) == {B}
    (call,) = programs.calls("nix-store")
    paths = f"{blob_path(DIRECTORY, A)} {blob_path(DIRECTORY, B)}"
    assert call == f"--check-validity --print-invalid {paths}"


def test_no_blobs_need_no_nix(tmp_path: Path) -> None:
    store = Store({"PATH": str(tmp_path)})
    assert store.lacks([]) == set()
    assert store.add([]) == []


def test_substituters_are_asked_for_paths_without_a_derivation(programs: Programs) -> None:
    programs.write("nix-store", "")
    Store(programs.environment).substitute({A})
    (call,) = programs.calls("nix-store")
    assert call.startswith("--realise --ignore-unknown ")
    assert call.endswith(f" {blob_path(DIRECTORY, A)}")


def test_files_are_added_under_the_algorithm_of_their_digest(programs: Programs) -> None:
    programs.write(
        "nix-store",
        f"""case $2 in
sha256) echo {blob_path(DIRECTORY, A)}; echo {DIRECTORY}/other-{blob_name(B)};;
sha512) echo {blob_path(DIRECTORY, SHA512)};;
esac""",
    )
    files = [Path("/cache") / blob_name(digest) for digest in (A, SHA512, B)]
    assert Store(programs.environment).add(files) == [files[2]], "B's path is another"
    assert programs.calls("nix-store") == [
        f"--add-fixed sha256 {files[0]} {files[2]}",
        f"--add-fixed sha512 {files[1]}",
    ]


def test_another_store_is_named_to_every_program(programs: Programs) -> None:
    programs.write("nix-store", "")
    Store(programs.environment, "/mnt").lacks([A])
    for name in ("nix-instantiate", "nix-store"):
        (call,) = programs.calls(name)
        assert call.endswith(" --store /mnt")


def test_a_failure_of_nix_is_raised(programs: Programs) -> None:
    programs.write("nix-store", "echo 'error: disk full' >&2; exit 1")
    with pytest.raises(StoreError) as caught:
        Store(programs.environment).lacks([A])
    assert str(caught.value) == (
        "nix-store --check-validity failed (error: disk full); "
        "is Nix's daemon running, and is the store writable?"
    )


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        pytest.param("", [], id="none"),
        pytest.param("ab", [["a", "b"]], id="as many as fit"),
        pytest.param("abc", [["a", "b"], ["c"]], id="one more"),
    ],
)
def test_paths_are_given_to_nix_in_portions(paths: str, expected: list[list[str]]) -> None:
    assert list(portions(paths, 2)) == expected
