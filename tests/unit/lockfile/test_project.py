from __future__ import annotations

from pathlib import Path

import pytest
from support.builders import locked_image, request

from nixfetch_docker.base.files import FileError
from nixfetch_docker.errors import NixfetchError, UsageError
from nixfetch_docker.lockfile.images import Images
from nixfetch_docker.lockfile.lock import Lock
from nixfetch_docker.lockfile.project import LockFile, Project

ONE = Lock(images={"one": locked_image()})
TWO = Lock(images={"two": locked_image()})


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.at(tmp_path / "images.toml")


def test_the_lock_is_beside_images_toml() -> None:
    project = Project.at(Path("hosts/web.toml"))
    assert project.lock_path == Path("hosts/web.lock.toml")
    assert project.directory == Path("hosts")


def test_a_file_of_another_kind_is_wrong_usage() -> None:
    message = r"^images\.json does not end in \.toml; name an images\.toml$"
    with pytest.raises(UsageError, match=message):
        Project.at(Path("images.json"))
    with pytest.raises(UsageError, match=r"^a/web\.lock\.toml is a lock; name the images\.toml b"):
        Project.at(Path("a/web.lock.toml"))


@pytest.mark.parametrize(
    ("path", "option"),
    [
        ("images.toml", ""),
        ("machine.toml", " --file machine.toml"),
        ("hosts/web/images.toml", " --file hosts/web/images.toml"),
        ("my images.toml", " --file 'my images.toml'"),
        ("../other/images.toml", " --file ../other/images.toml"),
    ],
)
def test_commands_in_hints_name_a_file_that_they_would_not_find(
    path: str, option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    project = Project.at(Path(path))
    assert project.command("lock") == f"`nixfetch-docker lock{option}`"
    app = f"nix run .#update-images{' --' if option else ''}{option}"
    assert project.update_command == f"`nixfetch-docker update{option}` (or `{app}`)"


def test_a_file_that_is_found_above_needs_no_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "images.toml").touch()
    (tmp_path / "hosts").mkdir()
    monkeypatch.chdir(tmp_path / "hosts")
    assert Project.at(Path("../images.toml")).command("lock") == "`nixfetch-docker lock`"
    assert Project.at(Path("images.toml")).command("lock").endswith(" --file images.toml`")


def test_the_hint_of_a_broken_lock_names_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("machine.lock.toml").write_text("version = 1\nimages = 1\n")
    with pytest.raises(NixfetchError) as caught:
        Project.at(Path("machine.toml")).read_lock()
    assert str(caught.value).endswith(
        "or delete it and run `nixfetch-docker update --file machine.toml` "
        "(or `nix run .#update-images -- --file machine.toml`)"
    )


def test_images_are_read(project: Project) -> None:
    project.images_path.write_text('[images.redis]\nimage = "redis:7"\n')
    assert project.read_images() == Images(requests={"redis": request("redis:7")})


def test_without_images_toml_there_is_a_hint_and_no_text(project: Project) -> None:
    assert project.read_images_text_if_any() == ""
    with pytest.raises(FileError) as caught:
        project.read_images()
    assert str(caught.value) == (
        f"{project.images_path}: there is no such file; `nixfetch-docker init --file "
        f"{project.images_path}` writes one; or name yours with --file"
    )


@pytest.mark.parametrize("data", [b"[images]\nx = 1\n", b"\xff"], ids=["content", "encoding"])
def test_an_error_in_images_toml_names_the_file(data: bytes, project: Project) -> None:
    project.images_path.write_bytes(data)
    with pytest.raises(NixfetchError) as caught:
        project.read_images()
    assert str(caught.value).startswith(f"{project.images_path}: ")


def test_an_error_in_the_lock_names_the_file(project: Project) -> None:
    project.lock_path.write_text("version = 2\n")
    with pytest.raises(NixfetchError) as caught:
        project.read_lock()
    assert str(caught.value).startswith(f"{project.lock_path}: its version is 2")


def test_without_a_lock_nothing_is_locked(project: Project) -> None:
    assert project.read_lock() == LockFile(lock=Lock(), text=None)


def test_images_toml_is_replaced_where_it_is_as_it_was_read(project: Project) -> None:
    project.write_images("# one\n", instead_of="")
    project.write_images("# two\n", instead_of="# one\n")
    assert project.images_path.read_text() == "# two\n"


def test_images_toml_is_kept_where_it_was_changed_meanwhile(project: Project) -> None:
    project.images_path.write_text("# mine\n")
    with pytest.raises(FileError) as caught:
        project.write_images("# two\n", instead_of="# one\n")
    assert (
        str(caught.value)
        == f"{project.images_path}: it was changed meanwhile; run the command again"
    )
    assert project.images_path.read_text() == "# mine\n"


def test_a_change_gets_the_lock_that_is_there_now(project: Project) -> None:
    read = project.read_lock()
    project.lock_path.write_text(ONE.to_toml())
    got: list[Lock] = []

    def change(lock: Lock) -> Lock:
        got.append(lock)
        return TWO

    after = project.change_lock(change, read=read)
    assert got == [ONE]
    assert (after.lock, after.changed) == (TWO, True)
    assert project.lock_path.read_text() == TWO.to_toml()


def test_a_lock_that_was_removed_meanwhile_is_empty(project: Project) -> None:
    project.lock_path.write_text(ONE.to_toml())
    read = project.read_lock()
    project.lock_path.unlink()
    assert project.change_lock(lambda lock: lock, read=read).lock == Lock()


def test_a_lock_that_stays_as_it_is_is_not_written(project: Project) -> None:
    project.lock_path.write_text(ONE.to_toml())
    before = project.lock_path.stat()
    after = project.change_lock(lambda lock: lock, read=project.read_lock())
    assert not after.changed
    assert project.lock_path.stat() == before


def test_a_dry_run_writes_nothing(project: Project) -> None:
    after = project.change_lock(lambda _: ONE, read=project.read_lock(), dry_run=True)
    assert (after.lock, after.changed) == (ONE, True)
    assert list(project.directory.iterdir()) == []


def test_an_error_while_the_lock_is_changed_leaves_it(project: Project) -> None:
    project.lock_path.write_text(ONE.to_toml())

    def fails(_lock: Lock) -> Lock:
        raise NixfetchError("no")

    with pytest.raises(NixfetchError):
        project.change_lock(fails, read=project.read_lock())
    assert project.lock_path.read_text() == ONE.to_toml()


def test_a_lock_with_the_line_ends_of_windows_keeps_them(project: Project) -> None:
    lock = Lock(images={"redis": locked_image()})
    data = lock.to_toml().replace("\n", "\r\n").encode()
    project.lock_path.write_bytes(data)
    read = project.read_lock()
    assert not project.change_lock(lambda lock: lock, read=read).changed
    assert project.lock_path.read_bytes() == data
    changed = project.change_lock(lambda _: Lock(), read=read)
    assert changed.changed
    assert project.lock_path.read_bytes() == Lock().to_toml().replace("\n", "\r\n").encode()
    assert project.read_lock().lock == Lock()


def test_an_addition_keeps_every_byte_of_images_toml(project: Project) -> None:
    data = b'# mine\r\n[images.redis]\nimage = "redis:7" # \r\n\t\r\n'
    project.images_path.write_bytes(data)
    project.write_images(project.read_images_text() + "# end", instead_of=data.decode())
    assert project.images_path.read_bytes() == data + b"# end"
