"""The short form of messages: without URLs, and each fault once, unless `--verbose` is given."""

from __future__ import annotations

import os

from ..errors import NixfetchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..base.faults import Failure


class _Form:
    """The choice of the form."""

    is_short = True
    # The registries that detours were about, and what was done then.
    told: frozenset[tuple[str, str]] = frozenset()


def set_form(*, verbose: bool) -> None:
    """Choose the short form, or the long one for `verbose` and for NIXFETCH_DEBUG."""
    _Form.is_short = not verbose and not os.environ.get("NIXFETCH_DEBUG")
    _Form.told = frozenset()


def shown(message: object) -> str:
    """The text of a message or of an error, in the form that is chosen."""
    if not _Form.is_short:
        return str(message)
    if isinstance(message, NixfetchError):
        from ..base.faults import brief

        return brief(message)
    from ..base.request_line import without_urls

    return without_urls(str(message))


def is_news(detour: str) -> bool:
    """Whether a line about a request that failed, and what is done now, is to be printed.

    In the short form that is once a registry and a remedy.
    """
    from ..base.request_line import host_of

    what, _, then = detour.rpartition("; ")
    key = (host_of(what) or what, then.rstrip("0123456789. s"))
    is_known = _Form.is_short and key in _Form.told
    _Form.told |= {key}
    return not is_known


def of_failures(failures: Sequence[Failure]) -> list[str] | list[NixfetchError]:
    """The errors of several images: in the short form a line for each fault."""
    from ..base.faults import told_once

    if _Form.is_short:
        return list(told_once(failures))
    return [_named(names, error) for names, error in failures]


def _named(names: Sequence[str], error: NixfetchError) -> NixfetchError:
    """An error that names the images."""
    from copy import copy

    from ..base.faults import listed

    if not names or error.subjects[:1] == list(names):
        return error
    # Others may have the same list of subjects.
    named = copy(error)
    named.__cause__ = error.__cause__
    named.subjects = [listed(names), *error.subjects]
    return named
