"""A machine with Nix that is reached by ssh: Debian's OpenSSH, on a loopback port with own keys."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .listening import free_port, listening
from .nix import Nix
from .process import output

# sshd wants this directory, which the service of Debian would make.
_START = 'mount -t tmpfs tmpfs /run; mkdir /run/sshd; exec "$@"'


@contextmanager
def ssh_server(directory: Path, machine: Nix) -> Iterator[str]:
    """Let root log in to `machine`, for whose Nix the URL is `ssh-ng://machine`.

    Yields the value of NIX_SSHOPTS with which Nix finds it, and has the key.
    """
    assert machine.within, "on this very machine, the tmpfs would hide its own /run"
    directory.mkdir()
    for name in ("host", "login"):
        output(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(directory / name)])
    port = free_port()
    public = (directory / "host.pub").read_text()
    (directory / "known_hosts").write_text(f"machine {public}")
    (directory / "client").write_text(
        f"Host machine\nHostName 127.0.0.1\nPort {port}\nUser root\nHostKeyAlias machine\n"
        f"IdentityFile {directory}/login\nIdentitiesOnly yes\nBatchMode yes\n"
        f"UserKnownHostsFile {directory}/known_hosts\nGlobalKnownHostsFile /dev/null\n"
    )
    # A variable of sshd has no lines; Nix reads the settings of its users from files, too.
    configuration = machine.real_store.parent / "conf"
    configuration.mkdir()
    (configuration / "nix.conf").write_text(machine.env["NIX_CONFIG"])
    # By `local`, a `nix-daemon --stdio` opens the store itself, and asks no other daemon.
    env = {**machine.env, "NIX_REMOTE": "local"}
    del env["NIX_CONFIG"]
    variables = " ".join(f'"{name}={value}"' for name, value in env.items())
    (directory / "server").write_text(
        f"ListenAddress 127.0.0.1:{port}\nHostKey {directory}/host\nPidFile none\n"
        f"AuthorizedKeysFile {directory}/login.pub\nStrictModes no\nUsePAM no\n"
        f"PermitRootLogin prohibit-password\nSetEnv {variables}\n"
    )
    sshd = ["/usr/sbin/sshd", "-D", "-e", "-f", str(directory / "server")]
    command = [*machine.within, "sh", "-euc", _START, "sh", *sshd]
    with listening(command, port, directory / "log"):
        yield f"-F {directory}/client"
