/**
  An image as `docker load` reads it: a directory of links to its blobs with a manifest.json, an
  executable that writes the directory as a tar, and that tar. `fetchDocker` and `fetchdocker` both
  make their images with it.

  A binary cache may have the directory and the executable. nixpkgs' linkFarm and writeShellScript
  would have Nix build them on every machine, also on one that has a cache and nothing to build with.

  nixfetch_docker/archives/layout.py makes the same files, to the byte, for `nixfetch-docker image`.
  They are described twice on purpose: an image that Nix builds must not depend on Python. What
  changes here must change there; end-to-end tests compare the two.

  Format: https://github.com/moby/moby/blob/v25.0.0/image/spec/spec.md

  Type: { lib, … } -> { name, imageName, imageTag, config, layers, … } -> {
    directory, stream, attributes }
*/
{
  lib,
  buildPackages,
  gnutar,
  runCommand,
  runtimeShell,
  writeTextFile,
}:

let
  imageStream = import ./image-stream.nix { inherit gnutar runtimeShell writeTextFile; };

  # The same for the machine that builds. It is the same derivation, unless that is another system.
  buildStream = import ./image-stream.nix {
    inherit (buildPackages) gnutar runtimeShell;
    inherit writeTextFile;
  };

  # A blob with its path in the directory.
  placed = blob: {
    inherit blob;
    path = "blobs/${blob.outputHashAlgo}/${blob.outputHash}";
  };
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
  # Further attributes of the image.
  passthru ? { },
}:

let
  placedConfig = placed config;
  placedLayers = map placed layers;
  placedBlobs = map placed otherBlobs ++ [ placedConfig ] ++ placedLayers;

  manifest = [
    {
      Config = placedConfig.path;
      RepoTags = [ "${imageName}:${imageTag}" ];
      Layers = map (one: one.path) placedLayers;
    }
  ];

  files = otherFiles ++ [ (lib.nameValuePair "manifest.json" manifest) ];
  write = file: "printf %s ${lib.escapeShellArg (builtins.toJSON file.value)} > ${file.name}\n";

  directories = lib.attrNames (lib.groupBy (one: dirOf one.path) placedBlobs);

  # As an attribute set, so that a layer that occurs twice is linked once.
  links = lib.listToAttrs (
    map (one: {
      name = one.path;
      value = "ln -s ${one.blob} ${one.path}\n";
    }) placedBlobs
  );

  attributes = {
    inherit
      archive
      config
      imageName
      imageTag
      layers
      stream
      ;
    imageId = "${config.outputHashAlgo}:${config.outputHash}";
  }
  // passthru;

  directory = runCommand directoryName
    {
      # Quicker than to send the links to a remote builder.
      preferLocalBuild = true;
      passthru = attributes;
    }
    ''
      mkdir $out
      cd $out
      mkdir -p ${toString directories}
      ${lib.concatStrings (map write files)}${lib.concatStrings (lib.attrValues links)}
    '';

  streamOf = {
    name = "stream-${name}";
    inherit directory;
    files = map (file: file.name) files;
  };
  stream = imageStream streamOf;
  archive = runCommand "${name}.tar" { } "${buildStream streamOf} > $out";
in
{
  inherit directory stream attributes;
}
