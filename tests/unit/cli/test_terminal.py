from __future__ import annotations

import io
import sys

import pytest

from nixfetch_docker.cli import terminal


@pytest.mark.parametrize(
    ("locale", "encoding", "draws"),
    [
        pytest.param({"LANG": "de_DE.UTF-8"}, "utf-8", True, id="UTF-8"),
        pytest.param({"LANG": "C.UTF-8"}, "utf-8", True, id="C with UTF-8"),
        pytest.param({"LANG": "C"}, "utf-8", False, id="C"),
        pytest.param({}, "utf-8", False, id="none"),
        pytest.param({"LANG": "de_DE.UTF-8", "LC_ALL": "C"}, "utf-8", False, id="LC_ALL"),
        pytest.param({"LANG": "C", "LC_CTYPE": "de_DE.UTF-8"}, "utf-8", True, id="LC_CTYPE"),
        pytest.param({"LANG": "de_DE"}, "iso8859-1", False, id="Latin 1"),
    ],
)
def test_letters_beyond_ascii_need_a_locale(
    locale: dict[str, str], encoding: str, draws: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in locale.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    assert terminal.draws_letters() == draws


@pytest.mark.parametrize(
    ("named", "columns"),
    [
        pytest.param(None, 80, id="no terminal"),
        pytest.param("132", 132, id="named"),
        pytest.param("0", 80, id="none"),
        pytest.param("-5", 80, id="no number of columns"),
        pytest.param("wide", 80, id="no number"),
        pytest.param("\u0661\u0662", 80, id="digits that are no ASCII"),
        pytest.param("9" * 5000, 999_999_999, id="without end"),
    ],
)
def test_the_columns_are_those_of_the_environment_or_80(
    named: str | None, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    if named is not None:
        monkeypatch.setenv("COLUMNS", named)
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert terminal.columns() == columns
    assert terminal.width() == 80, "stdout is no terminal"
