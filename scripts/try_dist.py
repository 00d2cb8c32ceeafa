"""Install each file of dist/ by pip into an environment of its own, and run the command in it.

    scripts/try_dist.py DIRECTORY [--tag TAG]

Pip takes what the file depends on from the package index, as it does for anybody who installs it.
With a tag, such as v0.2.0, the files must be of that version, and the wheel must have the manual
page.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import venv
import zipfile
from pathlib import Path


class Unfit(Exception):
    """Files that are not to be released, with the reason."""


def check(directory: Path, tag: str | None) -> list[Path]:
    """The wheel and the sdist of a directory, which has one of each.

    Raises `Unfit` where it has others, or where they are not what the tag says.
    """
    wheels, sdists = list(directory.glob("*.whl")), list(directory.glob("*.tar.gz"))
    if len(wheels) != 1 or len(sdists) != 1:
        raise Unfit(
            f"{directory} has {len(wheels)} wheels and {len(sdists)} sdists, and not one of each"
        )
    if tag is None:
        return wheels + sdists
    for file, end in ((wheels[0], "-py3-none-any.whl"), (sdists[0], ".tar.gz")):
        if file.name != f"nixfetch_docker-{tag.removeprefix('v')}{end}":
            raise Unfit(f"{file.name} is not of the version that the tag {tag} names")
    with zipfile.ZipFile(wheels[0]) as wheel:
        if not any(name.endswith("/share/man/man1/nixfetch-docker.1") for name in wheel.namelist()):
            raise Unfit(f"{wheels[0].name} has no manual page; install scdoc, and build it again")
    return wheels + sdists


def try_install(file: Path) -> None:
    """Install one file into a new environment, and print what the command says of its version."""
    with tempfile.TemporaryDirectory() as made:
        venv.create(made, with_pip=True)
        programs = Path(made, "bin")
        install = ["install", "--quiet", "--disable-pip-version-check", str(file)]
        subprocess.run([programs / "pip", *install], check=True)
        subprocess.run([programs / "pip", "check"], check=True)
        print(f"{file.name}: ", end="", flush=True)
        subprocess.run([programs / "nixfetch-docker", "--version"], check=True)


def main() -> None:
    """Check and try the files of the directory that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=Path)
    parser.add_argument("--tag", help="the tag of the release, such as v0.2.0")
    arguments = parser.parse_args()
    try:
        files = check(arguments.directory, arguments.tag)
    except Unfit as error:
        parser.exit(1, f"scripts/try_dist.py: {error}\n")
    for file in files:
        try_install(file)


if __name__ == "__main__":
    main()
