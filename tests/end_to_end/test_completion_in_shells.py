"""Completion and the manual page, by the programs that read them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from support.command import PROGRAM
from support.process import output, run

REPOSITORY = Path(__file__).parents[2]
SHELLS = ["bash", "zsh", "fish"]

BASH = """
source {script}
COMP_LINE={line} COMP_WORDS=({words})
COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 ))
_shtab_nixfetch_docker nixfetch-docker
printf '%s\\n' "${{COMPREPLY[@]}}"
"""

# An interactive shell in a terminal, where a key completes; `compadd` writes down what fits.
ZSH = """
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'source {rc}'
zpty -r -m shell seen '*READY*'
zpty -n -w shell {line}$'\\t'
zpty -w shell $'\\C-uexit'
while zpty -r shell seen; do :; done
"""
ZSH_RC = """
fpath=({directory} $fpath)
autoload -U compinit
compinit -u -D
unsetopt auto_list
PS1='READY '
compadd() {{
  if [[ ${{@[(I)-[AOD]]}} = 0 ]]; then
    local -a matches
    builtin compadd -O matches "$@"
    print -rl -- $matches >> {found}
  fi
  builtin compadd "$@"
}}
"""


class Shell:
    """A shell in a directory with images.toml, which has loaded the script."""

    def __init__(self, name: str, directory: Path) -> None:
        self._name = name
        self.directory = directory / "project"
        self.directory.mkdir()
        self._script = directory / "_nixfetch-docker"
        self._script.write_text(output([PROGRAM, "completion", name]))
        self._env = {
            "HOME": str(directory),
            "PATH": f"{PROGRAM.parent}:/usr/bin:/bin",
            "TERM": "dumb",
        }

    def check_syntax(self) -> None:
        option = "--no-execute" if self._name == "fish" else "-n"
        done = run([self._name, option, self._script])
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

    def complete(self, line: str) -> list[str]:
        """The words that may stand at the end of `nixfetch-docker LINE`, sorted."""
        line = f"nixfetch-docker {line}"
        if self._name == "bash":
            words = f"{line}''" if line.endswith(" ") else line
            script = BASH.format(script=self._script, line=shlex.quote(line), words=words)
            found = self._run("bash", "-c", script)
        elif self._name == "fish":
            script = f"source {self._script}; complete -C {shlex.quote(line)}"
            found = re.sub(r"\t.*", "", self._run("fish", "-c", script))
        else:
            rc, matches = self._script.with_name("rc"), self._script.with_name("matches")
            rc.write_text(ZSH_RC.format(directory=self._script.parent, found=matches))
            self._run("zsh", "-f", "-c", ZSH.format(rc=rc, line=shlex.quote(line)))
            found = matches.read_text() if matches.exists() else ""
        return sorted(set(found.split()))

    def _run(self, *command: str) -> str:
        return output(list(command), env=self._env, cwd=self.directory)


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest, tmp_path: Path) -> Shell:
    shell = Shell(request.param, tmp_path)
    (shell.directory / "images.toml").write_text(
        '[images.redis]\nimage = "redis"\n[images."web.api"]\nimage = "web"\n'
    )
    (shell.directory / "other.toml").write_text('[images.minio]\nimage = "minio"\n')
    return shell


def test_the_script_is_one_of_its_shell(shell: Shell) -> None:
    shell.check_syntax()


@pytest.mark.parametrize(
    ("line", "completed"),
    [
        pytest.param("pre", ["prefetch"], id="command"),
        pytest.param("show --hi", ["--history"], id="option"),
        pytest.param("prefetch --all", ["--all-platforms"], id="option of one command"),
        pytest.param("prefetch ", ["redis", "web.api"], id="names of images"),
        pytest.param("update redis w", ["web.api"], id="another name"),
        pytest.param("check --quiet r", ["redis"], id="name after an option"),
        pytest.param("show --file other.toml ", ["minio"], id="name in another file"),
        pytest.param("show --file ot", ["other.toml"], id="file"),
        pytest.param("import im", ["images.toml"], id="file without an option"),
        pytest.param("config --platform linux/arm6", ["linux/arm64"], id="platform"),
        pytest.param("completion z", ["zsh"], id="choice"),
        pytest.param("digest ", [], id="nothing for a reference"),
        pytest.param("prefetch --platform linux/arm64 w", ["web.api"], id="name after a value"),
        pytest.param("update --platform linux/s3", ["linux/s390x"], id="platform of a project"),
        pytest.param("remove ", ["redis", "web.api"], id="names to remove"),
        pytest.param("help fre", ["freeze"], id="command to describe"),
        pytest.param("completion ", ["bash", "fish", "zsh"], id="shells"),
        pytest.param("--file other.toml sh", ["show"], id="command after an option with a value"),
        pytest.param("--file other.toml show ", ["minio"], id="name, the file before the command"),
        pytest.param("-q -f other.toml freeze ", ["minio"], id="name after short options"),
        pytest.param("--file=other.toml show ", ["minio"], id="name, the option in one word"),
        pytest.param("--jobs 2 check r", ["redis"], id="name, another option before the command"),
        pytest.param("--file ot", ["other.toml"], id="file before the command"),
        pytest.param("-f ot", ["other.toml"], id="file after a short option"),
        pytest.param("--platform linux/ri", ["linux/riscv64"], id="platform before the command"),
        pytest.param("--all-p", ["--all-platforms"], id="option before the command"),
    ],
)
def test_a_shell_completes(shell: Shell, line: str, completed: list[str]) -> None:
    assert shell.complete(line) == completed


def test_an_invalid_file_has_no_names_and_disturbs_nothing(shell: Shell) -> None:
    (shell.directory / "images.toml").write_text("[images")
    assert shell.complete("show ") == []


def test_the_manual_page_is_one(tmp_path: Path) -> None:
    page = tmp_path / "nixfetch-docker.1"
    source = REPOSITORY / "docs/nixfetch-docker.1.scd"
    page.write_text(output(["scdoc"], data=source.read_bytes()))
    # Without bold and underlined letters, for which versions of groff have other signs.
    done = run(["groff", "-man", "-Tutf8", "-ww", "-P-cbou", page])
    assert (done.returncode, done.stderr) == (0, "")
    assert "update [NAME...]" in done.stdout
