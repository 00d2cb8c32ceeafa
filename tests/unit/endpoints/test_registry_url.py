from __future__ import annotations

import pytest

from nixfetch_docker.endpoints.registry_url import InvalidRegistry, RegistryUrl

HINT = "write it as https://registry.lab:5000 or registry.lab:5000"


@pytest.mark.parametrize(
    ("text", "host", "plain_http"),
    [
        ("registry.lab", "registry.lab", None),
        ("localhost:5000", "localhost:5000", None),
        ("https://registry.lab:5000/", "registry.lab:5000", False),
        ("HTTP://registry.lab:5000/v2/", "registry.lab:5000", True),
        ("https://registry-1.docker.io/v2/", "docker.io", False),
        ("index.docker.io", "docker.io", None),
        ("https://[::1]:5000/v2", "[::1]:5000", False),
    ],
)
def test_a_registry_is_read(text: str, host: str, plain_http: bool | None) -> None:
    assert RegistryUrl.parse(text) == RegistryUrl(host=host, plain_http=plain_http)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", "''"),
        ("registry", "'registry'"),
        ("ftp://registry.lab", "'ftp://registry.lab'"),
        ("https://registry.lab/v1/", "'https://registry.lab/v1/'"),
        ("https://registry.lab/x?token=pa55", "'https://registry.lab/x?…'"),
    ],
)
def test_another_text_is_refused_without_its_query(text: str, shown: str) -> None:
    with pytest.raises(InvalidRegistry) as caught:
        RegistryUrl.parse(text)
    assert str(caught.value).startswith(shown.rstrip("'"))
    assert str(caught.value).endswith(f"is not a registry; {HINT}")
    assert "pa55" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "https://me:pa55@registry.lab",
        "https://pa55@registry.lab:5000",
        "https://me:pa55%40registry.lab",
        "https://me:p/pa55@registry.lab",
        "me:pa55@registry.lab:5000",
        "https:/me:pa55@registry.lab",
        "//me:pa55@registry.lab",
        "docker://me:pa55@registry.lab",
    ],
)
def test_a_login_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(InvalidRegistry) as caught:
        RegistryUrl.parse(text)
    assert str(caught.value) == (
        "the URL of a registry has no login; log in with docker login or podman login"
    )
