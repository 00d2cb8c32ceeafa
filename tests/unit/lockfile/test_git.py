from __future__ import annotations

from nixfetch_docker.lockfile.git import git_failure


def test_a_failure_has_the_command_the_words_of_git_and_a_way_on() -> None:
    error = git_failure(["commit", "--quiet"], b"error: no\n  user.email \xff\n")
    assert str(error) == (
        "git commit failed (error: no user.email \ufffd); the lock is written; commit it by hand"
    )


def test_a_failure_shows_no_password_of_a_remote() -> None:
    error = git_failure(["add"], b"cannot read https://ann:pa55w0rd@git.lab/images")
    assert "pa55w0rd" not in str(error)
