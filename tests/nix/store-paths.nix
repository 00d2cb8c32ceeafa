/**
  The store paths of images, of their archives and streams, and of their blobs, with a package set
  of constants: what test_store_paths.py compares with the paths of earlier versions.

  Type: { file, overlay ? …, pkgs ? … } -> { images, blobs }
*/
{
  # The images.toml, with an image `redis` for linux/arm64 too.
  file,
  # The overlay whose functions make the images.
  overlay ? import ../../overlays,
  # The package set that the overlay is applied to.
  pkgs ? import ./constant-nixpkgs.nix { },
}:

let
  final = pkgs.extend overlay;
  inherit (final) lib;

  # A digest in hexadecimal: one digit, as often as the algorithm has digits.
  sha256 = digit: lib.concatStrings (lib.genList (_: digit) 64);
  sha512 = digit: lib.concatStrings (lib.genList (_: digit) 128);

  locked = final.fetchDockerImages file;
  lockedForArm = final.fetchDockerImages {
    inherit file;
    platform = "linux/arm64";
  };

  # A layer that occurs twice, and one with another algorithm.
  explicit = final.fetchDocker {
    repository = "quay.io/acme/web";
    tag = "1.0";
    manifest = {
      sha256 = sha256 "0";
      size = 1572;
      media-type = "application/vnd.docker.distribution.manifest.v2+json";
    };
    config = {
      sha256 = sha256 "1";
      size = 6243;
    };
    layers = [
      { sha256 = sha256 "2"; }
      { sha512 = sha512 "3"; }
      { sha256 = sha256 "2"; }
    ];
  };

  # As docker2nix wrote it.
  docker2nix = final.fetchdocker rec {
    name = "debian";
    registry = "http://registry.lab:5000/v2/";
    imageName = "debian";
    tag = "jessie";
    imageConfig = final.fetchDockerConfig {
      inherit registry imageName tag;
      sha256 = sha256 "a";
    };
    imageLayers =
      let
        layer =
          digit:
          final.fetchDockerLayer {
            inherit registry imageName;
            layerDigest = sha256 digit;
          };
      in
      [
        (layer "b")
        (layer "c")
        (layer "b")
      ];
  };

  images = locked // {
    inherit explicit docker2nix;
    redis-arm64 = lockedForArm.redis;
    renamed = explicit.override {
      name = "localhost/web";
      tag = "mine";
    };
    long = explicit.override {
      name = "quay.io/${sha512 "a"}";
      tag = sha512 "b";
    };
  };

  blobsOf = image: lib.optional (image ? manifest) image.manifest ++ [ image.config ] ++ image.layers;
in
{
  images = lib.mapAttrs (_name: image: {
    image = image.outPath;
    archive = image.archive.outPath;
    stream = image.stream.outPath;
  }) images;

  blobs = lib.unique (
    map (blob: blob.outPath) (builtins.concatLists (map blobsOf (lib.attrValues images)))
  );
}
