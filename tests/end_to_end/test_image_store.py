"""What evaluation makes of `dockerImageStore`: no registry is asked, and nothing is built."""

from __future__ import annotations

import pytest
from support.nix import REPOSITORY, error, evaluate, try_evaluate

_START = f"""
  let
    pkgs = (import {REPOSITORY}/tests/nix/constant-nixpkgs.nix {{ }}).extend
      (import {REPOSITORY}/overlays);
    blob = letter: {{
      sha256 = builtins.concatStringsSep "" (builtins.genList (_: letter) 64);
      size = 5;
    }};
    image = name: layers: pkgs.fetchDocker {{
      repository = "docker.io/library/${{name}}";
      tag = "1";
      manifest = blob "1" // {{ media-type = "application/vnd.oci.image.manifest.v1+json"; }};
      config = blob "2";
      layers = map blob layers;
    }};
    old = pkgs.fetchdocker {{
      name = "old";
      imageName = "old";
      tag = "1";
      imageConfig = pkgs.fetchDockerBlob {{ repository = "x.lab/old"; blob = blob "3"; }};
      imageLayers = [ ];
    }};
  in
"""


def test_a_layer_of_five_images_is_built_once() -> None:
    stores = evaluate(f"""{_START}
      let
        names = [ "a" "b" "c" "d" "e" ];
        images = map (name: image name [ "f" name ]) names;
        together = pkgs.dockerImageStore {{ inherit images; }};
        paths = map (layer: layer.outPath);
      in {{
        together = paths together.layers;
        alone = map (image: paths image.store.layers) images;
      }}
    """)
    assert len(set(stores["together"])) == 6
    assert len(stores["together"]) == 6
    base = {layers[0] for layers in stores["alone"]}
    assert len(base) == 1
    assert {layer for layers in stores["alone"] for layer in layers} == set(stores["together"])


def test_a_layer_is_another_with_another_compression_and_named_by_its_digest() -> None:
    made = evaluate(f"""{_START}
      let
        images = [ (image "a" [ "f" ]) ];
        layersOf = compression: (pkgs.dockerImageStore {{ inherit images compression; }}).layers;
      in
      map (compression: map (layer: {{ inherit (layer) name; path = layer.outPath; }})
        (layersOf compression)) [ "lz4" "zstd" "none" ]
    """)
    layers = [layer for (layer,) in made]
    assert {layer["name"] for layer in layers} == {f"erofs-sha256-{'f' * 64}"}
    assert len({layer["path"] for layer in layers}) == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(
            '{ images = [ (image "a" [ "f" ]) ]; compression = "gzip"; }',
            'there is no compression "gzip" of layers; write one of "lz4", "none", "zstd"',
            id="compression",
        ),
        pytest.param(
            "{ images = [ old ]; }",
            "dockerImageStore: the image 'old' has no manifest; take one of fetchDockerImages or "
            "fetchDocker",
            id="image without a manifest",
        ),
        pytest.param(
            "{ image = old; }",
            "dockerImageStore: unknown argument 'image'; did you mean 'images'?",
            id="argument",
        ),
        pytest.param("{ }", "dockerImageStore needs the argument 'images'", id="no images"),
    ],
)
def test_wrong_arguments_are_named(arguments: str, message: str) -> None:
    done = try_evaluate(f"{_START} (pkgs.dockerImageStore {arguments}).drvPath")
    assert done.returncode != 0
    assert error(done.stderr) == message
