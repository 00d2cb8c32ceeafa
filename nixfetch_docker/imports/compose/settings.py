"""What a project of compose has for all of its services: its name, and a platform."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ...base.table import Table
from ...base.values import replace
from ..yaml_files.tags import is_reset
from .interpolation import interpolate
from .values import Service, Services, Value

_PLATFORM = "DOCKER_DEFAULT_PLATFORM"


def project_name(
    tables: Sequence[Table], directory: Path, variables: Mapping[str, str]
) -> str | None:
    """The name of the project, which its files give it, or else its directory.

    It is None where a file makes it of variables that have no value.
    https://github.com/compose-spec/compose-spec/blob/main/04-version-and-name.md
    """
    name = directory.absolute().name
    given = [table.values.get("name") for table in tables]
    if texts := [one for one in given if isinstance(one, str) and one]:
        found = interpolate(texts[-1], variables.get)
        if found.missing:
            return None
        name = found.text
    letters = [one for one in name.lower() if one.isascii() and (one.isalnum() or one in "_-")]
    return "".join(letters).lstrip("_-")


def with_platforms(services: Services, variables: Mapping[str, str]) -> Services:
    """The services, where those without a platform have that of `DOCKER_DEFAULT_PLATFORM`.

    https://docs.docker.com/reference/cli/docker/#environment-variables
    """
    platform = variables.get(_PLATFORM)
    if not platform:
        return services
    default = Value(platform, _PLATFORM, platform)
    return {
        name: replace(service, values={**service.values, "platform": default})
        if _lacks_platform(service)
        else service
        for name, service in services.items()
    }


def _lacks_platform(service: Service) -> bool:
    value = service.values.get("platform")
    return value is None or value.value == "" or is_reset(value.value)
