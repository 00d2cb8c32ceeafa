"""Platforms, and the choice of an index's entry for one.

The rules are containerd's (https://github.com/containerd/platforms, database.go and compare.go)
with one difference: an image for another architecture never serves. containerd runs a 386 image on
amd64 and an arm image on arm64, which suits a machine that is about to run it; a lock names the
platform that was asked for.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Self

from ..base import units
from ..base.redact import literal
from ..base.regex import regex
from ..base.table import Table
from ..base.values import dataclass
from ..errors import NixfetchError
from . import platform_names

_MINOR = regex(r"(\.\d)?")
_FIELD = regex(r"[a-z0-9_.-]+")
_EARLIER = {"amd64": "386", "arm64": "arm"}
# A system of Nix, and the same with a vendor or an ABI, as compilers name it.
_SYSTEM = regex(
    r"(?P<cpu>[A-Za-z0-9_]+)-([a-z0-9_]+-)?(?P<os>linux|darwin|freebsd|windows)[a-z0-9.]*(-.*)?"
)
_LONGEST_SYSTEM = 64
_SHOWN = 8
# What stands between a system and a CPU elsewhere. "_" does not: it is a part of names of CPUs.
_SEPARATORS = str.maketrans(dict.fromkeys("-:.+ ", "/"))


class InvalidPlatform(NixfetchError):
    """A text that is not a platform."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Platform:
    """An operating system, a CPU architecture and a variant of it ("" for the default one).

    The names are Go's (GOOS, GOARCH), as in the OCI image spec.
    """

    os: str
    architecture: str
    variant: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `os/architecture[/variant]`, with any usual name of the architecture.

        Raises `InvalidPlatform`.
        """
        fields = text.split("/")
        if len(fields) not in (2, 3) or not all(fields):
            raise _of_system(text) or _invalid(text)
        return cls.of(*fields)

    @classmethod
    def of(cls, os: str, architecture: str, variant: str = "") -> Self:
        """A platform from its fields, with the architecture under its usual name.

        Raises `InvalidPlatform`.
        """
        os, architecture, variant = os.lower(), architecture.lower(), variant.lower()
        os = "darwin" if os == "macos" else os
        if not all(_FIELD.fullmatch(field) for field in (os, architecture, variant or "-")):
            raise _invalid("/".join(filter(None, (os, architecture, variant))))
        architecture, *own = platform_names.ALIASES.get(architecture, (architecture,))
        variant = own[0] if own else variant
        if architecture in {"arm", "arm64"} and variant[:1].isdigit():
            variant = f"v{variant}"
        if architecture == "386":
            variant = ""
        return cls(os=os, architecture=architecture, variant=variant)

    @classmethod
    def from_table(cls, table: Table) -> Self | None:
        """Read `os`, `architecture` and `variant` of an index's entry or of a config.

        None where there is no architecture; an os that is not given is Linux. Raises
        `InvalidField` and `InvalidPlatform`.
        """
        architecture = table.get("architecture", str)
        os = table.get("os", str) or "linux"
        variant = table.get("variant", str) or ""
        if not architecture:
            return None
        try:
            return cls.of(os, architecture, variant)
        except InvalidPlatform as error:
            raise (error.at(table.path) if table.path else error) from None

    @classmethod
    def parse_exact(cls, text: str) -> Self:
        """Read a platform under its usual name alone; raises `InvalidPlatform`."""
        platform = cls.parse(text)
        if str(platform) != text:
            raise InvalidPlatform(
                f"{literal(text)} is called {literal(str(platform))} in image indexes",
                hint="write that",
            )
        return platform

    @classmethod
    def parse_asked(cls, text: str) -> Self:
        """Read a platform that a person asks for, as `parse` does.

        Raises `InvalidPlatform`, also for one that is like a well-known one without being it. Such
        a platform is none of any image, but an index may name what it likes.
        """
        platform = cls.parse(text)
        if platform_names.is_cpu(platform.os):
            raise InvalidPlatform(f"{literal(text)} has no system", hint=f"write linux/{platform}")
        os = platform_names.meant_system(platform.os)
        cpu = platform_names.meant_cpu(platform.architecture)
        if (os, *cpu) == (platform.os, platform.architecture):
            return platform
        variant = platform.variant if len(cpu) == 1 else ""
        meant = "/".join(filter(None, (os, *cpu, variant)))
        raise InvalidPlatform(
            f"{literal(text)} is no platform that is known", hint=f"did you mean {meant}?"
        )

    @classmethod
    def of_machine(cls, machine: str) -> Self:
        """The platform of the containers on a machine, from the name that uname gives its CPU.

        It is Linux also on a Mac, where containers run in a virtual machine of the same CPU.
        """
        return cls.of("linux", *platform_names.spelt_cpu(machine.lower()))

    @property
    def normal(self) -> Self:
        """The normal form of the platform: arm64 for arm64/v8, and arm/v7 for arm.

        nix/lib/platforms.nix has the same rules on purpose: an evaluation by Nix starts no program.
        An end-to-end test compares the two.
        """
        match (self.architecture, self.variant):
            case ("amd64", "v1") | ("arm64", "v8" | "v8.0"):
                return type(self)(os=self.os, architecture=self.architecture)
            case ("arm64", "v9.0"):
                return type(self)(os=self.os, architecture="arm64", variant="v9")
            case ("arm", ""):
                return type(self)(os=self.os, architecture="arm", variant="v7")
            case _:
                return self

    def served_by(self) -> list[Self]:
        """The platforms whose images run on this one, in normal form, the best first."""
        own = self.normal
        variants = _served_variants(own.architecture, own.variant)
        return [
            type(self)(os=self.os, architecture=own.architecture, variant=variant).normal
            for variant in variants
        ]

    def choose(self, offers: list[Platform]) -> int | None:
        """The position in `offers` of the platform that serves this one best, or None.

        Of two equal ones the first is chosen, as in containerd.
        """
        normal = [offer.normal for offer in offers]
        return next((normal.index(wanted) for wanted in self.served_by() if wanted in normal), None)

    def nearest(self, offers: Collection[Platform]) -> Platform | None:
        """The platform that is most like this one, where none of `offers` serves it, or None.

        It has the same system, and the same architecture or the one that its CPUs ran before, as in
        containerd.
        """
        for architecture in (self.architecture, _EARLIER.get(self.architecture)):
            alike = [
                offer
                for offer in offers
                if (offer.os, offer.architecture) == (self.os, architecture)
            ]
            if alike:
                return max(alike)
        return None

    def __str__(self) -> str:
        return "/".join(filter(None, (self.os, self.architecture, self.variant)))


def _of_system(text: str) -> InvalidPlatform | None:
    """The error for a text that is a system of Nix or a triple, such as aarch64-linux, or None.

    Containers are Linux's, also on a Mac. nix/lib/platforms.nix says the same.
    """
    system = _SYSTEM.fullmatch(text[:_LONGEST_SYSTEM])
    if system is None:
        return None
    cpu = platform_names.spelt_cpu(system["cpu"].lower())
    os = "linux" if system["os"] == "darwin" else system["os"]
    platform = Platform.of(os, *cpu).normal
    return InvalidPlatform(
        f"{literal(text)} is not a platform; that is a Nix system", hint=f"write {platform}"
    )


def _invalid(text: str) -> InvalidPlatform:
    return InvalidPlatform(f"{literal(text)} is not a platform", hint=_remedy(text))


def _remedy(text: str) -> str:
    """What to write instead of a text that is no platform, such as an architecture alone."""
    several = text.replace(",", " ").split()
    if several[1:] and all(map(_is_one, several)):
        return f"write each by itself: {units.first(list(map(literal, several)), _SHOWN)}"
    name = text.lower()
    if platform_names.is_cpu(name):
        return f"write linux/{'/'.join(platform_names.spelt_cpu(name))}"
    system, separator, cpu = name.translate(_SEPARATORS).partition("/")
    if separator and platform_names.is_system(system) and platform_names.is_cpu(cpu):
        return f"write {system}/{'/'.join(platform_names.spelt_cpu(cpu))}"
    near = (name,) if "/" in name else platform_names.meant_cpu(name)
    if near == (name,):
        return "write it as linux/amd64 or linux/arm/v7"
    return f"did you mean linux/{'/'.join(near)}?"


def _is_one(text: str) -> bool:
    """Whether a text is a platform under its usual name."""
    try:
        Platform.parse_exact(text)
    except InvalidPlatform:
        return False
    return True


def _served_variants(architecture: str, variant: str) -> list[str]:
    """The variants that a CPU of `variant` runs, itself first."""
    match (architecture, variant[:2], variant[2:]):
        case ("amd64", "v2" | "v3" | "v4", ""):
            return [f"v{level}" for level in range(int(variant[1]), 0, -1)]
        case ("arm", "v6" | "v7" | "v8", ""):
            return [f"v{level}" for level in range(int(variant[1]), 4, -1)]
        case ("arm64", "" | "v8" | "v9", minor) if _MINOR.fullmatch(minor):
            number = int(minor[1:] or 0)
            if variant[:2] != "v9":
                return [f"v8.{n}" for n in range(number, -1, -1)]
            # ARMv9.n has all that ARMv8.(n+5) has, as far as there are names for it.
            nine = [f"v9.{n}" for n in range(number, -1, -1)]
            return nine + [f"v8.{n}" for n in range(min(number + 5, 9), -1, -1)]
        case _:
            return [variant]
