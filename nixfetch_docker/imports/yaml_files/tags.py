"""The values behind compose's own tags of YAML."""

from __future__ import annotations

from typing import Any


class Reset:
    """The value of a key behind compose's tag `!reset`: what other files have for it is dropped.

    https://github.com/compose-spec/compose-spec/blob/main/13-merge.md#reset-value
    """


class Override(dict[Any, Any]):
    """The table behind compose's tag `!override`: what other files have for it is dropped.

    https://github.com/compose-spec/compose-spec/blob/main/13-merge.md#replace-value
    """


def is_reset(value: object) -> bool:
    """Whether a value is a `Reset`."""
    return isinstance(value, Reset)
