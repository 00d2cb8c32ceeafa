from __future__ import annotations

from pathlib import Path

import pytest

from nixfetch_docker.endpoints.configuration import RegistryConfiguration
from nixfetch_docker.endpoints.endpoint import Endpoint
from nixfetch_docker.endpoints.registries_conf import AmbiguousName, RegistriesConf
from nixfetch_docker.endpoints.settings import RegistrySettings
from nixfetch_docker.endpoints.tls import Tls
from nixfetch_docker.errors import NixfetchError, RegistryError
from nixfetch_docker.oci.reference import Reference

CONF = """
[[registry]]
location = "a.b"
[[registry.mirror]]
location = "mirror.b/a"

[[registry]]
location = "insecure.b"
insecure = true

[[registry]]
location = "blocked.b"
blocked = true

[aliases]
fedora = "registry.fedoraproject.org/fedora"
"""


def configuration(
    settings: dict[str, RegistrySettings] | None = None,
    conf: str = CONF,
    *,
    directory: Path = Path("/project"),
    home: Path = Path("/nowhere"),
) -> RegistryConfiguration:
    return RegistryConfiguration(
        settings or {}, directory, {"HOME": str(home)}, RegistriesConf.parse(conf, "/r.conf")
    )


def urls(configuration: RegistryConfiguration, image: str) -> list[str]:
    found = configuration.endpoints(Reference.parse(image))
    return [f"{endpoint.url}/{endpoint.repository}" for endpoint in found]


class TestEndpoints:
    def test_an_image_has_the_endpoint_of_its_name(self) -> None:
        assert configuration().endpoints(Reference.parse("redis")) == [
            Endpoint(
                url="https://registry-1.docker.io",
                registry="docker.io",
                repository="library/redis",
            )
        ]

    def test_mirrors_of_the_machine_go_before_the_registry(self) -> None:
        assert urls(configuration(), "a.b/x") == ["https://mirror.b/a/x", "https://a.b/x"]

    def test_mirrors_of_images_toml_replace_those_of_the_machine(self) -> None:
        settings = {"a.b": RegistrySettings(mirrors=("http://own.b/proxy",))}
        assert urls(configuration(settings), "a.b/x") == ["http://own.b/proxy/x", "https://a.b/x"]

    def test_settings_without_mirrors_keep_those_of_the_machine(self) -> None:
        settings = {"a.b": RegistrySettings(plain_http=True)}
        assert urls(configuration(settings), "a.b/x") == ["https://mirror.b/a/x", "http://a.b/x"]

    def test_the_settings_of_a_mirror_apply_to_it(self) -> None:
        settings = {"mirror.b": RegistrySettings(plain_http=True)}
        assert urls(configuration(settings), "a.b/x") == ["http://mirror.b/a/x", "https://a.b/x"]

    @pytest.mark.parametrize(
        ("mirrors", "image", "namespaces"),
        [
            pytest.param((), "a.b/x", ["a.b", ""], id="of the machine"),
            pytest.param(("http://m.b:5000",), "a.b:80/x", ["a.b:80", ""], id="of images.toml"),
            pytest.param(("https://m.b/hub",), "redis", ["docker.io", ""], id="Docker Hub"),
            pytest.param(("https://a.b:80",), "a.b:80/x", ["", ""], id="the registry itself"),
            pytest.param(("https://registry-1.docker.io",), "redis", ["", ""], id="Hub itself"),
        ],
    )
    def test_mirrors_alone_have_the_registry_as_their_namespace(
        self, mirrors: tuple[str, ...], image: str, namespaces: list[str]
    ) -> None:
        reference = Reference.parse(image)
        settings = {reference.registry: RegistrySettings(mirrors=mirrors)}
        found = configuration(settings).endpoints(reference)
        assert [endpoint.namespace for endpoint in found] == namespaces

    def test_a_rewritten_location_has_no_namespace(self) -> None:
        conf = '[[registry]]\nprefix = "a.b"\nlocation = "moved.b"\n'
        found = configuration(conf=conf).endpoints(Reference.parse("a.b/x"))
        assert [(one.registry, one.namespace) for one in found] == [("moved.b", "")]

    def test_an_insecure_registry_is_tried_with_tls_and_without(self) -> None:
        assert urls(configuration(), "insecure.b/x") == [
            "https://insecure.b/x",
            "http://insecure.b/x",
        ]

    def test_the_settings_of_images_toml_go_before_insecure(self) -> None:
        settings = {"insecure.b": RegistrySettings()}
        assert urls(configuration(settings), "insecure.b/x") == ["https://insecure.b/x"]

    def test_a_blocked_registry_is_an_error_with_its_place(self) -> None:
        with pytest.raises(RegistryError) as caught:
            urls(configuration({"blocked.b": RegistrySettings()}), "blocked.b/x")
        assert str(caught.value) == (
            "/r.conf: registry[2]: blocked.b is blocked; use another registry, or unblock it"
        )


class TestTls:
    def test_the_paths_of_settings_are_relative_to_images_toml(self) -> None:
        client = RegistrySettings(client_certificate=Path("c.pem"), client_key=Path("c.key"))
        settings = {"ca.b": RegistrySettings(ca_file=Path("ca.pem")), "client.b": client}
        found = configuration(settings)
        assert found.tls("ca.b") == Tls(ca_files=(Path("/project/ca.pem"),))
        assert found.tls("client.b") == Tls(
            client_certificate=Path("/project/c.pem"), client_key=Path("/project/c.key")
        )

    def test_settings_without_certificates_leave_those_of_the_machine(self, tmp_path: Path) -> None:
        ca_file = tmp_path / ".config/containers/certs.d/own.test/ca.crt"
        ca_file.parent.mkdir(parents=True)
        ca_file.write_text("PEM")
        settings = {"own.test": RegistrySettings(mirrors=("https://m.b",))}
        found = configuration(settings, home=tmp_path)
        assert found.tls("own.test") == Tls(ca_files=(ca_file,))

    def test_docker_hub_has_the_certificates_of_its_name(self) -> None:
        settings = {"docker.io": RegistrySettings(ca_file=Path("ca.pem"))}
        found = configuration(settings)
        assert found.tls("registry-1.docker.io").ca_files == (Path("/project/ca.pem"),)

    def test_only_an_insecure_host_is_not_verified(self) -> None:
        found = configuration()
        urls(found, "insecure.b/x")
        assert not found.tls("insecure.b").verify
        assert found.tls("mirror.b").verify


def test_a_name_that_is_another_image_for_podman_is_an_error() -> None:
    configuration().check("docker.io/library/fedora")
    with pytest.raises(AmbiguousName):
        configuration().check("fedora")


def test_the_configuration_is_found_by_the_environment(tmp_path: Path) -> None:
    path = tmp_path / "r.conf"
    path.write_text(CONF)
    found = RegistryConfiguration({}, tmp_path, {"CONTAINERS_REGISTRIES_CONF": str(path)})
    assert urls(found, "a.b/x") == ["https://mirror.b/a/x", "https://a.b/x"]


def test_the_name_of_a_registry_with_a_login_is_refused_and_not_shown() -> None:
    with pytest.raises(NixfetchError) as caught:
        configuration({"ann:PW@a.b": RegistrySettings()})
    assert str(caught.value) == (
        "this has a login in it; leave it out, and log in with docker login or podman login"
    )
