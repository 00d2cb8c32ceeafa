/**
  Fetch one image from explicit values, as the lock has them.

  The result is a directory: an OCI image layout that is also a docker-archive, made of links to the
  blobs. The registry's manifest is unchanged, so that the digest stays. The derivation has these
  attributes:

  - `stream`: an executable that writes the image as a tar to stdout, for `podman load`,
    `docker load` and `imageStream`; it writes no copy to the store;
  - `archive`: that tar as a file in the store, for options and programs that need a file;
  - `dockerArchive`: a tar with layers that are not compressed, for `fromImage` of nixpkgs'
    dockerTools, and for `mergeImages`;
  - `layers` (a list), `config`, `manifest`: the blobs' derivations;
  - `load.podman`, `load.docker`, `load.containerd`: programs that make the engine of whoever runs
    them hold just this image, and do nothing where it does;
  - `store`: a store with this image alone that podman 5 mounts its layers from, for
    `additionalimagestores`; `dockerImageStore` makes one of several images;
  - `imageName`, `imageTag`: the name and the tag that an engine gives the image when it loads it;
  - `imageDigest`, `imageId`: the digests of the manifest and of the config.

  nixfetch_docker/archives/layout.py makes the same files, to the byte, for `nixfetch-docker image`.
  They are described twice on purpose: an image that Nix builds must not depend on Python. What
  changes here must change there; end-to-end tests compare the two.

  Format: https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md

  Type: { repository, tag ? null, name ? repository, manifest, config, layers, registries ? { } }
    -> derivation
*/
{
  lib,
  stdenv,
  buildPackages,
  dockerImageStore,
  gnutar,
  # The command, for the system that builds.
  nixfetch-docker,
  runCommand,
  runtimeShell,
  util-linux,
  writeTextFile,
}:

let
  strict = import ../lib/strict.nix { inherit lib; };
  checkRegistries = import ../lib/registries.nix { inherit lib; } "fetchDocker: registries";
  checkName = import ../lib/repository.nix { inherit lib; };

  blobsOf = import ../lib/blob.nix {
    inherit
      lib
      stdenv
      buildPackages
      nixfetch-docker
      ;
  };
  dockerArchive = import ../lib/docker-archive.nix {
    inherit
      lib
      buildPackages
      gnutar
      runCommand
      runtimeShell
      writeTextFile
      ;
  };
  load = import ../lib/load.nix {
    inherit
      lib
      runCommand
      runtimeShell
      stdenv
      util-linux
      writeTextFile
      ;
  };
in
lib.makeOverridable (
  strict "fetchDocker" (
    {
      # Where the blobs are, with the registry: "docker.io/library/redis".
      repository,
      # The tag that an engine gives the image. Without one, the tag is made of the manifest's digest.
      tag ? null,
      # The name that an engine gives the image.
      name ? repository,
      # { sha256 = "…"; size = 1572; media-type = "application/vnd.oci.image.manifest.v1+json"; }
      manifest,
      # { sha256 = "…"; size = 6243; }
      config,
      # The base layer first: [ { sha256 = "…"; size = 3642247; } … ]
      layers,
      # How to reach registries, as in the [registries] of images.toml.
      registries ? { },
    }:

    let
      fetch = blobsOf {
        repository = checkName "fetchDocker: repository" repository;
        registries = checkRegistries registries;
      };

      manifestBlob = fetch true manifest;
      imageDigest = "${manifestBlob.outputHashAlgo}:${manifestBlob.outputHash}";

      imageTag = if tag != null then tag else lib.replaceStrings [ ":" ] [ "-" ] imageDigest;
      fullName = "${checkName "fetchDocker: name" name}:${checkName "fetchDocker: tag" imageTag}";
      # A reference has no "+", and never two separators together. So two names are never one file
      # name, and k3s can keep all archives in one directory.
      readable = lib.strings.sanitizeDerivationName (
        lib.replaceStrings [ "/" ":" ] [ "+" "++" ] fullName
      );
      # Nix takes names of at most 207 characters, of which the stream and the archive need some.
      storeName =
        if lib.stringLength readable <= 190 then
          readable
        else
          "${builtins.substring 0 120 readable}-${builtins.hashString "sha256" fullName}";

      index = {
        schemaVersion = 2;
        mediaType = "application/vnd.oci.image.index.v1+json";
        manifests = [
          {
            mediaType = manifest.media-type;
            digest = imageDigest;
            inherit (manifest) size;
            # podman and skopeo read the tag, containerd reads its own annotation. Only a name with
            # its domain means the same to both.
            annotations = {
              "io.containerd.image.name" = fullName;
              "org.opencontainers.image.ref.name" = imageTag;
            };
          }
        ];
      };

      image = dockerArchive {
        name = storeName;
        imageName = name;
        inherit imageTag;
        digest = imageDigest;
        config = fetch false config;
        layers = map (fetch false) layers;
        otherBlobs = [ manifestBlob ];
        otherFiles = [
          {
            name = "oci-layout";
            value.imageLayoutVersion = "1.0.0";
          }
          {
            name = "index.json";
            value = index;
          }
        ];
        passthru = {
          manifest = manifestBlob;
          inherit imageDigest;
          load = load image.directory;
          store = dockerImageStore { images = [ image.directory ]; };
        };
      };
    in
    image.directory
  )
)
