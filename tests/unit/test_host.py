from __future__ import annotations

import pytest

from nixfetch_docker.host import container_platform


@pytest.mark.parametrize(
    ("machine", "platform"),
    [
        ("x86_64", "linux/amd64"),
        ("aarch64", "linux/arm64"),
        ("arm64", "linux/arm64"),
        ("i686", "linux/386"),
        ("armv7l", "linux/arm/v7"),
        ("armv6l", "linux/arm/v6"),
        ("ppc64le", "linux/ppc64le"),
        ("loongarch64", "linux/loong64"),
        ("riscv64", "linux/riscv64"),
    ],
)
def test_a_machine_runs_containers_of(machine: str, platform: str) -> None:
    assert str(container_platform(machine)) == platform
