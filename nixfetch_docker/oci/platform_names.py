"""The names that Go has for operating systems and CPUs, and others that people write for CPUs."""

from __future__ import annotations

# Names that an index may have too, as containerd reads them: the architecture under Go's name, and
# its variant (https://github.com/containerd/platforms, database.go).
ALIASES: dict[str, tuple[str, ...]] = {
    "x86_64": ("amd64",),
    "x86-64": ("amd64",),
    "aarch64": ("arm64",),
    "i386": ("386",),
    "armhf": ("arm", "v7"),
    "armel": ("arm", "v6"),
}
# The same, and the names of uname, of Nix, and of tags and repositories of images.
SPELLINGS: dict[str, tuple[str, ...]] = {
    **ALIASES,
    "x64": ("amd64",),
    "i486": ("386",),
    "i586": ("386",),
    "i686": ("386",),
    "armv8": ("arm64",),
    "arm64v8": ("arm64",),
    "armv8l": ("arm", "v7"),
    "armv7": ("arm", "v7"),
    "armv7a": ("arm", "v7"),
    "armv7l": ("arm", "v7"),
    "arm32v7": ("arm", "v7"),
    "armv6": ("arm", "v6"),
    "armv6l": ("arm", "v6"),
    "arm32v6": ("arm", "v6"),
    "armv5": ("arm", "v5"),
    "armv5tel": ("arm", "v5"),
    "arm32v5": ("arm", "v5"),
    "loongarch64": ("loong64",),
    "mips64el": ("mips64le",),
    "mipsel": ("mipsle",),
    "powerpc64le": ("ppc64le",),
}
# Go's names that are near others without being misspelt (`go tool dist list`, and
# https://go.dev/src/internal/syslist/syslist.go); a name that is like none of them may be new.
_SYSTEMS = frozenset(
    [
        "aix",
        "android",
        "darwin",
        "dragonfly",
        "freebsd",
        "illumos",
        "ios",
        "linux",
        "netbsd",
        "openbsd",
        "solaris",
        "windows",
    ]
)
CPUS = frozenset(
    [
        "386",
        "amd64",
        "amd64p32",
        "arm",
        "arm64",
        "arm64be",
        "armbe",
        "loong64",
        "mips",
        "mips64",
        "mips64le",
        "mips64p32",
        "mips64p32le",
        "mipsle",
        "ppc",
        "ppc64",
        "ppc64le",
        "riscv",
        "riscv64",
        "s390",
        "s390x",
        "sparc",
        "sparc64",
        "wasm",
    ]
)
# One letter of five that is another, or two that have changed places.
_ALIKE = 0.8


def is_system(name: str) -> bool:
    """Whether the name is Go's of an operating system."""
    return name in _SYSTEMS


def is_cpu(name: str) -> bool:
    """Whether the name is one of a CPU, Go's or another."""
    return name in CPUS or name in SPELLINGS


def spelt_cpu(name: str) -> tuple[str, ...]:
    """The architecture, and perhaps its variant, of a CPU; the name itself where it is unknown."""
    return SPELLINGS.get(name, (name,))


def meant_cpu(name: str) -> tuple[str, ...]:
    """The same, also for a name that is like one of Go's without being one."""
    return (name,) if name in CPUS else SPELLINGS.get(name) or (_meant(name, CPUS),)


def meant_system(name: str) -> str:
    """Go's name of an operating system that is like `name`, or `name` where none is."""
    return name if name in _SYSTEMS else _meant(name, _SYSTEMS)


def _meant(name: str, known: frozenset[str]) -> str:
    from ..base.nearest import nearest

    return nearest(name, sorted(known), likeness=_ALIKE) or name
