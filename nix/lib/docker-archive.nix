/**
  An image as `docker load` reads it: a directory of links to its blobs with a manifest.json, an
  executable that writes the directory as a tar, and that tar. `fetchDocker` and `fetchdocker` both
  make their images with it.

  nixfetch_docker/archives/layout.py makes the same files, to the byte, for `nixfetch-docker image`.
  They are described twice on purpose: an image that Nix builds must not depend on Python. What
  changes here must change there; end-to-end tests compare the two.

  Format: https://github.com/moby/moby/blob/v25.0.0/image/spec/spec.md

  Type: { lib, … } -> { name, imageName, imageTag, config, layers, … } -> {
    directory, stream, archive, config, layers, imageName, imageTag, imageId }
*/
{
  lib,
  gnutar,
  linkFarm,
  runCommand,
  writeShellScript,
  writeText,
}:

let
  imageStream = import ./image-stream.nix { inherit gnutar writeShellScript; };

  pathOf = blob: "blobs/${blob.outputHashAlgo}/${blob.outputHash}";
in

{
  # The name of the image in the store. The archive is NAME.tar, the stream is stream-NAME.
  name,
  # The name of the directory in the store.
  directoryName ? name,
  # The name and the tag that an engine gives the image when it loads it.
  imageName,
  imageTag,
  # The derivation of the config, by fetchDockerBlob.
  config,
  # The derivations of the layers, the base layer first.
  layers,
  # Further blobs that the directory has, such as the registry's manifest.
  otherBlobs ? [ ],
  # Further files that the directory has, as JSON, in the order that they have in the tar before
  # manifest.json: [ { name = "oci-layout"; value = { … }; } … ]
  otherFiles ? [ ],
}:

let
  manifest = [
    {
      Config = pathOf config;
      RepoTags = [ "${imageName}:${imageTag}" ];
      Layers = map pathOf layers;
    }
  ];

  files = otherFiles ++ [ (lib.nameValuePair "manifest.json" manifest) ];

  toFile = value: writeText "json" (builtins.toJSON value);

  # As an attribute set, so that a layer that occurs twice is linked once.
  directory = linkFarm directoryName (
    lib.listToAttrs (
      map (file: lib.nameValuePair file.name (toFile file.value)) files
      ++ map (blob: lib.nameValuePair (pathOf blob) blob) (otherBlobs ++ [ config ] ++ layers)
    )
  );

  stream = imageStream {
    name = "stream-${name}";
    inherit directory;
    files = map (file: file.name) files;
  };
in
{
  inherit
    directory
    stream
    config
    layers
    imageName
    imageTag
    ;
  archive = runCommand "${name}.tar" { } "${stream} > $out";
  imageId = "${config.outputHashAlgo}:${config.outputHash}";
}
