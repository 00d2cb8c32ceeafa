from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.builders import Json, encode

from nixfetch_docker.errors import Cancelled, NixfetchError
from nixfetch_docker.logins.helper import HelperError, Running, ask
from nixfetch_docker.logins.login import Login

SERVER = "a.b:5000"
SECRET = "hunter2"  # noqa: S105 - a test's
PROGRAM = "docker-credential-test"
WHERE = f"{PROGRAM} for {SERVER}"
YOURSELF = f"run it yourself: echo {SERVER} | {PROGRAM} get"
ANONYMOUS = "for a public image, pass --anonymous"


class Helper:
    """The helper docker-credential-test, which runs the script of a test."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.environment = {"PATH": f"{directory}:/usr/bin:/bin", "HOME": str(directory)}

    def write(self, script: str, *, first_line: str = "#!/bin/sh") -> None:
        path = self.directory / PROGRAM
        path.write_text(f"{first_line}\n{script}\n")
        path.chmod(0o755)

    def answer(self, data: bytes, *, status: int = 0) -> None:
        """Let the helper print these bytes."""
        (self.directory / "answer").write_bytes(data)
        self.write(f'cat "$HOME/answer"; exit {status}')

    def ask(self, *, time_limit: float = 20.0) -> Login | None:
        return ask("test", SERVER, self.environment, time_limit=time_limit)

    def refused(self, *, time_limit: float = 20.0) -> str:
        with pytest.raises(NixfetchError) as caught:
            self.ask(time_limit=time_limit)
        assert SECRET not in f"{caught.value}{caught.value!r}"
        return str(caught.value)

    def noted(self, name: str) -> str:
        """The text that the script has written to $HOME/name."""
        return (self.directory / name).read_text()


@pytest.fixture
def helper(tmp_path: Path) -> Helper:
    return Helper(tmp_path)


def answer(**fields: object) -> bytes:
    return encode({"ServerURL": SERVER, **fields})


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        # The state follows the name, which is in parentheses.
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except ProcessLookupError:
        return False
    except FileNotFoundError:
        # It has just ended, or this system has no /proc.
        return not Path("/proc/self").exists()
    # A container may have no process that collects zombies.
    return state not in "ZX"


def assert_ended(pid: int) -> None:
    until = time.monotonic() + 10
    while is_running(pid) and time.monotonic() < until:
        time.sleep(0.01)
    assert not is_running(pid)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param(
            {"Username": "me", "Secret": SECRET},
            Login(username="me", password=SECRET, source=PROGRAM),
            id="password",
        ),
        pytest.param(
            {"Username": "<token>", "Secret": SECRET},
            Login(identity_token=SECRET, source=PROGRAM),
            id="identity token",
        ),
        pytest.param(
            {"Username": "me", "Secret": SECRET, "ServerURL": None, "More": [1]},
            Login(username="me", password=SECRET, source=PROGRAM),
            id="other keys",
        ),
        pytest.param({"Username": "", "Secret": ""}, None, id="empty"),
        pytest.param({}, None, id="nothing"),
    ],
)
def test_an_answer_is_a_login(helper: Helper, fields: Json, expected: Login | None) -> None:
    helper.answer(answer(**fields))
    assert helper.ask() == expected


def test_a_helper_gets_its_question_and_environment(helper: Helper) -> None:
    helper.write(
        'echo "$0 $*" > "$HOME/call"; cat > "$HOME/question"; echo "$SPECIAL" > "$HOME/special"\n'
        "echo be careful >&2\n"
        'echo \'{"Username": "me", "Secret": "hunter2"}\''
    )
    helper.environment["SPECIAL"] = "of the mapping"
    assert helper.ask() == Login(username="me", password=SECRET, source=PROGRAM)
    assert helper.noted("call") == f"{helper.directory / PROGRAM} get\n"
    assert helper.noted("question") == SERVER
    assert helper.noted("special") == "of the mapping\n"


@pytest.mark.parametrize("stream", [1, 2])
@pytest.mark.parametrize("text", ["%s", "error getting it: %s (x)"])
def test_a_helper_may_have_no_login(helper: Helper, stream: int, text: str) -> None:
    said = text % "credentials not found in native keychain"
    helper.write(f"cat > /dev/null; echo '{said}' >&{stream}; exit 1")
    assert helper.ask() is None


def test_a_helper_need_not_read_its_question(helper: Helper) -> None:
    helper.write('exec 0<&-; sleep 0.1; echo \'{"Username": "me", "Secret": "hunter2"}\'')
    assert helper.ask() is not None


@pytest.mark.parametrize(
    ("script", "what"),
    [
        pytest.param("exit 7", "it ended with exit status 7", id="silent"),
        pytest.param("kill -TERM $$", "it was ended by signal 15", id="signal"),
        pytest.param(
            "echo locked; exit 1", "it ended with exit status 1 (locked)", id="on its output"
        ),
        pytest.param(
            "echo locked >&2; exit 1", "it ended with exit status 1 (locked)", id="on its errors"
        ),
        pytest.param(
            "echo warning >&2; echo locked; exit 1",
            "it ended with exit status 1 (locked warning)",
            id="on both",
        ),
        pytest.param(
            r"printf 'a\n\033[31mb\377\n  c\n'; exit 1",
            "it ended with exit status 1 (a [31mb\ufffd c)",
            id="not printable",
        ),
        pytest.param(
            "printf '%0500d' 0 | sed 's/00/x /g'; exit 1",
            f"it ended with exit status 1 ({'x ' * 100}…)",
            id="long",
        ),
        pytest.param(
            'echo \'bad: {"Secret": "hunter2"}\'; exit 1',
            "it ended with exit status 1 (bad:)",
            id="with an answer",
        ),
        pytest.param(
            'echo \'password=hunter2, "db_token": "hunter2" at https://me:hunter2@x/y\'; exit 1',
            'it ended with exit status 1 (password=… "db_token": … at https://x/y)',
            id="with named secrets",
        ),
        pytest.param(
            "echo Authorization: Bearer hunter2hunter2; exit 1",
            "it ended with exit status 1 (Authorization: Bearer …)",
            id="with a header",
        ),
        pytest.param(
            "echo eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9hunter2hunter2 from "
            "/nix/store/0123456789abcdfghijklmnpqrsvwxyz-helper-1.0/bin/x; exit 1",
            "it ended with exit status 1 (… from "
            "/nix/store/0123456789abcdfghijklmnpqrsvwxyz-helper-1.0/bin/x)",
            id="with a long word",
        ),
    ],
)
def test_a_failure_is_shown_without_secrets(helper: Helper, script: str, what: str) -> None:
    helper.write(script)
    assert helper.refused() == f"{WHERE}: {what}; {YOURSELF}"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        pytest.param(b"", "line 1, column 1: this is not JSON", id="nothing"),
        pytest.param(b"hunter2", "line 1, column 1: this is not JSON", id="no JSON"),
        pytest.param(b"\xffhunter2", "byte 0 is not UTF-8", id="no UTF-8"),
        pytest.param(b'["hunter2"]', "the document: expected a table, found an array", id="array"),
        pytest.param(b"[" * 100_000, "its values are nested too deeply", id="too deep"),
        pytest.param(
            answer(Username="me", Secret=["hunter2"]),
            "Secret: expected a string, found an array",
            id="type",
        ),
        pytest.param(
            answer(Username="me", Secret="hunter2\udc00"),  # noqa: S106 - a test's
            "Secret: this is not valid Unicode",
            id="half a character",
        ),
        pytest.param(
            answer(Secret=SECRET), "its answer has a secret, but no user name", id="no user"
        ),
        pytest.param(
            b"hunter2" * 200_000, "its output is larger than 1048576 bytes", id="too much"
        ),
    ],
)
def test_a_malformed_answer_is_not_shown(helper: Helper, data: bytes, what: str) -> None:
    helper.answer(data)
    assert helper.refused() == f"{WHERE}: {what}; {YOURSELF}"


def test_an_answer_with_a_key_twice_is_refused(helper: Helper) -> None:
    helper.answer(b'{"Username": "me", "Secret": "x", "Secret": "hunter2"}')
    assert helper.refused() == (f"{WHERE}: Secret: this key is there twice; remove one of the two")


def test_a_helper_that_prints_without_end_is_ended(helper: Helper) -> None:
    helper.write('echo $$ > "$HOME/pid"; while :; do echo hunter2; done >&2')
    assert helper.refused() == f"{WHERE}: its output is larger than 1048576 bytes; {YOURSELF}"
    assert_ended(int(helper.noted("pid")))


@pytest.mark.parametrize(
    "hang",
    [
        pytest.param('wait "$!"', id="waiting for a child"),
        pytest.param("exec sleep 300", id="itself"),
        pytest.param("exec > /dev/null 2>&1; exec sleep 300", id="without a word to come"),
        pytest.param("trap '' TERM INT HUP; while :; do sleep 1; done", id="deaf"),
    ],
)
def test_a_helper_that_hangs_is_ended_with_its_children(helper: Helper, hang: str) -> None:
    helper.write(
        f'echo hunter2\nsleep 300 &\necho $! > "$HOME/child"; echo $$ > "$HOME/pid"\n{hang}'
    )
    start = time.monotonic()
    assert helper.refused(time_limit=1.0) == (
        f"{WHERE}: it gave no answer within 1 s, and was ended; "
        f"unlock it, if it is locked; {ANONYMOUS}"
    )
    assert time.monotonic() - start < 10
    assert_ended(int(helper.noted("pid")))
    assert_ended(int(helper.noted("child")))


def test_a_helper_may_leave_an_agent_running(helper: Helper) -> None:
    helper.write(
        'sleep 300 &\necho $! > "$HOME/agent"\necho \'{"Username": "me", "Secret": "hunter2"}\''
    )
    start = time.monotonic()
    try:
        assert helper.ask() == Login(username="me", password=SECRET, source=PROGRAM)
        assert time.monotonic() - start < 10
        # An agent is started to stay.
        assert is_running(int(helper.noted("agent")))
    finally:
        os.kill(int(helper.noted("agent")), signal.SIGKILL)


def test_a_helper_has_a_session_of_its_own(helper: Helper) -> None:
    helper.write(
        "import os, pathlib\n"
        'pathlib.Path(os.environ["HOME"], "session").write_text(f"{os.getpid()} {os.getsid(0)}")\n'
        'print("{}")',
        first_line=f"#!{sys.executable}",
    )
    assert helper.ask() is None
    pid, session = helper.noted("session").split()
    assert pid == session


def test_a_missing_helper_is_named(helper: Helper) -> None:
    assert helper.refused() == (
        f"{PROGRAM} is not on PATH; install it, or remove its name there; {ANONYMOUS}"
    )
    helper.write("exit")
    # It is the mapping's PATH that counts.
    with pytest.raises(HelperError, match="is not on PATH"):
        ask("test", SERVER, {}, time_limit=1.0)
    (helper.directory / PROGRAM).chmod(0o644)
    assert "is not on PATH" in helper.refused()


@pytest.mark.parametrize(
    ("first_line", "why"),
    [
        pytest.param("hunter2", "Exec format error", id="no program"),
        pytest.param("#!/nowhere/hunter2", "No such file or directory", id="no interpreter"),
    ],
)
def test_a_helper_that_cannot_be_started_is_named(
    helper: Helper, first_line: str, why: str
) -> None:
    helper.write("", first_line=first_line)
    assert helper.refused() == f"{WHERE}: it cannot be started ({why}); {YOURSELF}"


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(), status=st.sampled_from([0, 1]))
def test_any_answer_is_read_or_refused(helper: Helper, data: bytes, status: int) -> None:
    helper.answer(data, status=status)
    try:
        helper.ask()
    except NixfetchError as error:
        message = str(error)
        assert message.isprintable()


def test_helpers_that_hang_are_ended_with_what_they_started(helper: Helper) -> None:
    helper.write('sleep 600 & echo $! > "$HOME/new"; mv "$HOME/new" "$HOME/child"; sleep 600')
    running = Running()
    errors: list[BaseException] = []

    def search() -> None:
        try:
            ask("test", SERVER, helper.environment, time_limit=500, running=running)
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=search)
    thread.start()
    until = time.monotonic() + 30
    while not (helper.directory / "child").exists() and time.monotonic() < until:
        time.sleep(0.01)
    running.end()
    thread.join()
    assert list(map(type, errors)) == [Cancelled]
    assert_ended(int(helper.noted("child")))
    # What is asked from then on starts nothing.
    helper.write('touch "$HOME/again"')
    with pytest.raises(Cancelled):
        ask("test", SERVER, helper.environment, time_limit=500, running=running)
    assert not (helper.directory / "again").exists()
