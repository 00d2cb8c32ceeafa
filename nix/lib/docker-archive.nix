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

  plainArchive = import ./plain-archive.nix {
    inherit lib runCommand;
    inherit (buildPackages) gnutar zstd;
  };

  # The same for the machine that builds. It is the same derivation, unless that is another system.
  buildStream = import ./image-stream.nix {
    inherit (buildPackages) gnutar runtimeShell;
    inherit writeTextFile;
  };

  digestOf = blob: "${blob.outputHashAlgo}:${blob.outputHash}";

  # A blob with its path in the directory.
  placed = blob: {
    inherit blob;
    path = "blobs/${blob.outputHashAlgo}/${blob.outputHash}";
  };
in

{
  # The name of the image in the store. The stream is stream-NAME, the archive NAME+DIGEST.tar.
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
  # The digest that tells the image from all others, for the name of the archive.
  digest ? digestOf config,
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
      RepoTags = [ identity.destNameTag ];
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

  # What dockerTools.pullImage has on its result, and what tells the image. The archive and the
  # stream have it too, so that each stands in for such a result.
  identity = {
    inherit imageName imageTag;
    destNameTag = "${imageName}:${imageTag}";
    imageId = digestOf config;
  }
  // builtins.intersectAttrs { imageDigest = null; } passthru;

  attributes = {
    inherit
      archive
      config
      dockerArchive
      layers
      stream
      ;
  }
  // identity
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
  stream =
    imageStream streamOf
    // identity
    // {
      # As on what streamLayeredImage makes: it is to be run, not to be read.
      isExe = true;
    };

  # k3s and rke2 keep all archives in one directory, and take a file for unchanged whose name, size
  # and time are. The archives of one tag have one time and often one size: their names must differ.
  # Nix takes names of at most 207 characters.
  mark = lib.replaceStrings [ ":" ] [ "-" ] digest;
  shortened = "${builtins.substring 0 90 name}-${builtins.substring 0 32 (builtins.hashString "sha256" name)}+${builtins.substring 0 71 mark}";
  archiveName =
    if lib.hasSuffix "+${mark}" name then
      name
    else if lib.stringLength name + lib.stringLength mark <= 200 then
      "${name}+${mark}"
    else
      shortened;
  archive = runCommand "${archiveName}.tar" { passthru = identity; } "${buildStream streamOf} > $out";
  dockerArchive = plainArchive {
    name = if lib.stringLength archiveName <= 200 then archiveName else shortened;
    inherit (identity) destNameTag;
    inherit config layers;
    passthru = identity;
  };
in
{
  inherit directory stream attributes;
}
