"""Platforms, and which entry of an index serves one.

The rules are containerd's (https://github.com/containerd/platforms, database.go and
compare.go) with one difference: another architecture never serves. containerd lets a
386 image serve amd64 and an arm image arm64, which suits a machine that is about to run
it; a lock file names what was asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from .errors import NixfetchError

_FIELD = re.compile(r"[a-z0-9_.-]+")
_ARCHITECTURES = {"x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64", "i386": "386"}
_ARM_ALIASES = {"armhf": "v7", "armel": "v6"}


class InvalidPlatform(NixfetchError):
    """A text that names no platform."""


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
        """Read `os/architecture[/variant]`; other names of an architecture are understood.

        Raises `InvalidPlatform`.
        """
        fields = text.split("/")
        if len(fields) not in (2, 3) or not all(fields):
            raise _invalid(text)
        return cls.of(*fields)

    @classmethod
    def of(cls, os: str, architecture: str, variant: str = "") -> Self:
        """A platform from its fields, with the architecture under its usual name.

        Raises `InvalidPlatform`.
        """
        os, architecture, variant = os.lower(), architecture.lower(), variant.lower()
        if not all(_FIELD.fullmatch(field) for field in (os, architecture, variant or "-")):
            raise _invalid("/".join(filter(None, (os, architecture, variant))))
        if architecture in _ARM_ALIASES:
            return cls(os=os, architecture="arm", variant=_ARM_ALIASES[architecture])
        if architecture == "arm" and variant.isdigit():
            variant = f"v{variant}"
        if architecture == "arm64" and variant == "8":
            variant = "v8"
        return cls(
            os=os, architecture=_ARCHITECTURES.get(architecture, architecture), variant=variant
        )

    @property
    def normal(self) -> Self:
        """The one form of all those that mean the same: arm64/v8 is arm64, arm is arm/v7."""
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
        """The platforms whose images run on this one, in normal form, best first."""
        own = self.normal
        variants = _served_variants(own.architecture, own.variant)
        return [
            type(self)(os=self.os, architecture=own.architecture, variant=variant).normal
            for variant in variants
        ]

    def choose(self, offers: list[Platform]) -> int | None:
        """The position of the offer that serves this platform best, or None.

        Among equal offers the first wins, as in containerd.
        """
        normal = [offer.normal for offer in offers]
        return next((normal.index(wanted) for wanted in self.served_by() if wanted in normal), None)

    def __str__(self) -> str:
        return "/".join(filter(None, (self.os, self.architecture, self.variant)))


def _invalid(text: str) -> InvalidPlatform:
    return InvalidPlatform(
        f"{text!r} is not a platform", hint="write it as linux/amd64 or linux/arm/v7"
    )


def _served_variants(architecture: str, variant: str) -> list[str]:
    """The variants that a CPU of `variant` runs, itself first."""
    default = "v8" if architecture == "arm64" else ""
    version = re.fullmatch(r"v(\d)(?:\.(\d))?", variant or default)
    if version is None:
        return [variant]
    major, minor = int(version[1]), int(version[2] or 0)
    match architecture:
        case "amd64":
            return [f"v{level}" for level in range(major, 0, -1)]
        case "arm":
            return [f"v{level}" for level in range(major, 4, -1)] or [variant]
        case "arm64":
            # ARMv9.n holds all that ARMv8.(n+5) has (Arm Architecture Reference Manual, A2).
            nine = [f"v9.{n}" for n in range(minor, -1, -1)] if major == 9 else []
            top = minor + 5 if major == 9 else minor
            return nine + [f"v8.{n}" for n in range(top, -1, -1)]
        case _:
            return [variant]
