from __future__ import annotations

import json

import pytest
from support.builders import Json, descriptor

from nixfetch_docker.oci.artifact import Artifact, Attached, parse_artifact, parse_referrers
from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.oci.document import InvalidManifest

LAYER = descriptor(b"a layer", "application/vnd.dev.cosign.simplesigning.v1+json")
CONFIG = descriptor(b"{}", "application/vnd.oci.image.config.v1+json")
SUBJECT = Digest.of(b"an index")


def artifact(**fields: object) -> Artifact:
    return parse_artifact(json.dumps({"schemaVersion": 2, "config": CONFIG, **fields}).encode())


def referrers(*entries: Json, **fields: object) -> tuple[Attached, ...]:
    document = {"schemaVersion": 2, "manifests": list(entries), **fields}
    return parse_referrers(json.dumps(document).encode())


class TestArtifact:
    def test_all_that_it_says_is_read(self) -> None:
        found = artifact(
            artifactType="application/spdx+json",
            layers=[{**LAYER, "annotations": {"a": "1"}}, CONFIG],
            annotations={"b": "2"},
            subject=descriptor(b"an index", "application/vnd.oci.image.index.v1+json"),
        )
        assert found.artifact_type == "application/spdx+json"
        assert [layer.annotations for layer in found.layers] == [{"a": "1"}, {}]
        assert [layer.digest for layer in found.layers] == [Digest.of(b"a layer"), Digest.of(b"{}")]
        assert [layer.size for layer in found.layers] == [7, 2]
        assert found.layers[0].descriptor.media_type == LAYER["mediaType"]
        assert found.annotations == {"b": "2"}
        assert found.subject == SUBJECT

    @pytest.mark.parametrize(
        ("fields", "kind"),
        [
            pytest.param({}, CONFIG["mediaType"], id="of the config"),
            pytest.param({"artifactType": ""}, CONFIG["mediaType"], id="empty"),
            pytest.param({"artifactType": "a/b", "config": {}}, "a/b", id="of its own"),
            pytest.param({"config": {}}, "", id="of a config without one"),
            pytest.param({"config": None}, "", id="without a config"),
        ],
    )
    def test_its_kind(self, fields: Json, kind: str) -> None:
        found = artifact(**fields)
        assert found.artifact_type == kind
        assert (found.layers, found.annotations, found.subject) == ((), {}, None)

    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            pytest.param(
                {"artifactType": 1}, "artifactType: expected a string, found an integer", id="kind"
            ),
            pytest.param(
                {"config": {"mediaType": []}},
                "config.mediaType: expected a string, found an array",
                id="kind of the config",
            ),
            pytest.param(
                {"layers": [{**LAYER, "annotations": {"a b": 1}}]},
                'layers[0].annotations."a b": expected a string, found an integer',
                id="annotation of a layer",
            ),
            pytest.param(
                {"annotations": {"x": False}},
                "annotations.x: expected a string, found true or false",
                id="annotation",
            ),
            pytest.param(
                {"layers": [{**LAYER, "digest": "sha256:1"}]}, "layers[0].digest: ", id="layer"
            ),
            pytest.param(
                {"subject": {}}, "subject: 'digest' is missing", id="subject without a digest"
            ),
            pytest.param({"subject": {"digest": "x"}}, "subject.digest: ", id="subject"),
            pytest.param({"subject": "x"}, "subject: expected a table", id="subject of text"),
            pytest.param({"Layers": []}, "Layers: ", id="another letter case"),
            pytest.param({"layers": [{"Digest": "x"}]}, "layers[0].Digest: ", id="case within"),
        ],
    )
    def test_what_is_wrong_is_named(self, fields: Json, message: str) -> None:
        with pytest.raises(InvalidManifest) as caught:
            artifact(**fields)
        assert message in str(caught.value)


class TestReferrers:
    def test_all_entries_are_read(self) -> None:
        found = referrers(
            {**LAYER, "artifactType": "a/b", "annotations": {"a": "1"}}, CONFIG, mediaType="x/y"
        )
        assert [entry.digest for entry in found] == [Digest.of(b"a layer"), Digest.of(b"{}")]
        assert [entry.descriptor.artifact_type for entry in found] == ["a/b", ""]
        assert [entry.annotations for entry in found] == [{"a": "1"}, {}]

    def test_there_may_be_none(self) -> None:
        assert referrers() == ()

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            pytest.param(b'{"schemaVersion": 2}', "'manifests' is missing", id="no list"),
            pytest.param(b'{"manifests": {}}', "manifests: expected an array", id="no array"),
            pytest.param(b'{"manifests": [1]}', "manifests[0]: expected", id="no descriptor"),
            pytest.param(b'{"manifests": [], "Manifests": []}', "Manifests: ", id="letter case"),
            pytest.param(b'{"manifests": [{"Digest": 1}]}', "manifests[0].Digest: ", id="within"),
            pytest.param(b"[]", "", id="no object"),
            pytest.param(b"<html>", "it is not JSON", id="no JSON"),
        ],
    )
    def test_what_is_wrong_is_named(self, data: bytes, message: str) -> None:
        with pytest.raises(InvalidManifest) as caught:
            parse_referrers(data)
        assert message in str(caught.value)
