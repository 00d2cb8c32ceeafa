"""Messages about foreign texts, whatever these are: one short line."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nixfetch_docker.archives.local_reference import LocalReference
from nixfetch_docker.endpoints.registries_conf import RegistriesConf
from nixfetch_docker.endpoints.registry_url import RegistryUrl
from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.imports.document import find_in_yaml
from nixfetch_docker.lockfile.images import Images
from nixfetch_docker.lockfile.lock import Lock
from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.oci.platform import Platform
from nixfetch_docker.versions.constraint import Constraint
from nixfetch_docker.versions.tag_pattern import TagPattern

_RULE = '[[registry]]\nlocation = "h"\n[[registry.mirror]]\nlocation = "m"\n'
_LOCK = 'version = 1\n[images.redis]\nrepository = "a.b/c"\n'
_PARSERS: dict[str, Callable[[str], object]] = {
    "local reference": lambda text: LocalReference.parse(f"oci:{text}"),
    "local path": lambda text: LocalReference.parse(f"oci:./{text}:a b"),
    "registry": RegistryUrl.parse,
    "digest": Digest.parse,
    "platform": Platform.parse,
    "usual platform": lambda text: Platform.parse_exact(f"macos/{text}"),
    "constraint": Constraint.parse,
    "range": lambda text: Constraint.parse(f"1 - {text}"),
    "pattern": lambda text: TagPattern.parse(f"[{text}"),
    "mirror rule": lambda text: RegistriesConf.parse(f'{_RULE}pull-from-mirror = "{text}"', "c"),
    "prefix": lambda text: RegistriesConf.parse(f'[[registry]]\nprefix = "*{text}"', "c"),
    "alias": lambda text: RegistriesConf.parse(f'[aliases]\na = "{text}"', "c"),
    "key": lambda text: Images.parse(f'"{text}" = 1'),
    "image": lambda text: Images.parse(f'[images.a]\nimage = "{text}!"'),
    "image name": lambda text: Images.parse(f'[images."{text}!"]\nimage = "a"'),
    "mirror": lambda text: Images.parse(f'[registries."a.b"]\nmirrors = ["{text}"]'),
    "alias of YAML": lambda text: find_in_yaml(f"*a{text}"),
    "locked platform": lambda text: Lock.parse(f'{_LOCK}[images.redis.platforms."{text}"]'),
}


@pytest.mark.parametrize("name", _PARSERS)
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a" * 20_000, id="long"),
        pytest.param("/".join("ab" * 5_000), id="many parts"),
        pytest.param("9" * 20_000, id="digits"),
        pytest.param("é\u202e\u2028\ufeff", id="characters that nobody sees"),
    ],
)
def test_a_message_about_a_foreign_text_is_one_short_line(name: str, text: str) -> None:
    with pytest.raises(NixfetchError) as caught:
        _PARSERS[name](text)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 1200


def test_a_variable_in_a_compose_file_is_quoted_as_well() -> None:
    (problem,) = find_in_yaml(f"services: {{a: {{image: '$A{'x' * 20_000}'}}}}").problems
    assert len(str(problem)) < 500
