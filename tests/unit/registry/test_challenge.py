from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixfetch_docker.registry.challenge import Challenge, parse_challenges


def bearer(**parameters: str) -> Challenge:
    return Challenge(scheme="bearer", parameters=parameters)


BASIC = Challenge(scheme="basic", parameters={"realm": "x"})


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param([], [], id="none"),
        pytest.param([""], [], id="empty"),
        pytest.param(
            [
                'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",'
                'scope="repository:library/redis:pull"'
            ],
            [
                bearer(
                    realm="https://auth.docker.io/token",
                    service="registry.docker.io",
                    scope="repository:library/redis:pull",
                )
            ],
            id="Docker Hub's",
        ),
        pytest.param(['Basic realm="x"'], [BASIC], id="Basic"),
        pytest.param(['BEARER Realm="x"'], [bearer(realm="x")], id="names in other case"),
        pytest.param(['Bearer realm = "x" , a= "1"'], [bearer(realm="x", a="1")], id="spaces"),
        pytest.param(['Bearer realm="a,b=c"'], [bearer(realm="a,b=c")], id="comma in quotes"),
        pytest.param([r'Bearer realm="a\"b\\c"'], [bearer(realm='a"b\\c')], id="escapes"),
        pytest.param(["Bearer realm=x,a=1"], [bearer(realm="x", a="1")], id="tokens"),
        pytest.param(
            ["Bearer realm=https://a.b/token,service=c"],
            [bearer(realm="https://a.b/token", service="c")],
            id="URL without quotes",
        ),
        pytest.param(['Bearer realm="",a="1"'], [bearer(realm="", a="1")], id="empty value"),
        pytest.param(['Bearer a="1",a="2"'], [bearer(a="1")], id="first of two counts"),
        pytest.param(
            ['Basic realm="x", Bearer realm="y"'], [BASIC, bearer(realm="y")], id="two on a line"
        ),
        pytest.param(
            ['Basic realm="x"', 'Bearer realm="y"'], [BASIC, bearer(realm="y")], id="two lines"
        ),
        pytest.param(
            ['Negotiate, Bearer realm="y"'],
            [Challenge(scheme="negotiate"), bearer(realm="y")],
            id="scheme alone",
        ),
        pytest.param(
            ['Negotiate YII+/a==, Bearer realm="y"'],
            [Challenge(scheme="negotiate"), bearer(realm="y")],
            id="token68",
        ),
        pytest.param(
            [',, Bearer realm="y",,a="1",'], [bearer(realm="y", a="1")], id="empty elements"
        ),
        pytest.param(["Bearer"], [bearer()], id="no parameters"),
        pytest.param(
            ['Bearer realm="y",a="open'], [bearer(realm="y")], id="quote that never closes"
        ),
        pytest.param(
            ['Bearer realm="y",a="open', 'Basic realm="x"'],
            [bearer(realm="y"), BASIC],
            id="malformed line before a good one",
        ),
        pytest.param(['"x"'], [], id="no scheme"),
    ],
)
def test_challenges_are_read_in_order(lines: list[str], expected: list[Challenge]) -> None:
    assert parse_challenges(lines) == expected


NEAR_CHALLENGES = st.lists(
    st.sampled_from(["Bearer", "Basic", " ", ",", "=", '"', "\\", "realm", "a/b==", "https://x"])
).map("".join)


@given(st.lists(st.text() | NEAR_CHALLENGES))
def test_any_text_is_read(lines: list[str]) -> None:
    for challenge in parse_challenges(lines):
        assert challenge.scheme == challenge.scheme.lower()
        assert all(name == name.lower() for name in challenge.parameters)


@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.text(max_size=20)))
def test_every_quoted_value_is_read_back(parameters: dict[str, str]) -> None:
    quoted = {
        name: value.replace("\\", "\\\\").replace('"', '\\"') for name, value in parameters.items()
    }
    line = "Bearer " + ", ".join(f'{name}="{value}"' for name, value in quoted.items())
    assert parse_challenges([line]) == [bearer(**parameters)]


def test_an_empty_parameter_is_no_token() -> None:
    assert parse_challenges(["Bearer realm="]) == [Challenge("bearer", {"realm": ""})]
