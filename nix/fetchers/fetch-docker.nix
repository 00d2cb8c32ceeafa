/**
  Fetch one image from explicit values, as the lock has them.

  The result is a directory: an OCI image layout that is at once a docker-archive, made of links
  to the blobs, with the registry's manifest kept to the byte. On it:

  - `stream`: an executable that writes the image as a tar to stdout, for `podman load`,
    `docker load` and `imageStream`; it copies nothing into the store;
  - `archive`: that tar as a file in the store, for whatever must have a file;
  - `layers` (a list), `config`, `manifest`: the blobs' derivations;
  - `imageName`, `imageTag`: the name that the engine knows the image by once it is loaded;
  - `imageDigest`, `imageId`: the digests of the manifest and of the config.

  Type: { repository, tag ? null, manifest, config, layers, ... } -> derivation
*/
{
  lib,
  fetchDockerBlob,
  gnutar,
  linkFarm,
  runCommand,
  writeShellScript,
  writeText,
}:

let
  imageStream = import ../lib/image-stream.nix { inherit gnutar writeShellScript; };
in
lib.makeOverridable (
  {
    # Where the blobs are, with the registry: "docker.io/library/redis".
    repository,
    # The tag that the image is loaded under. Without one it is made of the manifest's digest.
    tag ? null,
    # The name that the image is loaded under.
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
    algorithmOf = blob: if blob ? sha512 then "sha512" else "sha256";
    digestOf = blob: "${algorithmOf blob}:${blob.${algorithmOf blob}}";
    pathOf = blob: "blobs/${algorithmOf blob}/${blob.${algorithmOf blob}}";

    fetch =
      isManifest: blob:
      fetchDockerBlob {
        inherit
          repository
          blob
          isManifest
          registries
          ;
      };

    imageTag = if tag != null then tag else lib.replaceStrings [ ":" ] [ "-" ] (digestOf manifest);
    fullName = "${name}:${imageTag}";
    # No reference has a "+", and none has two separators together: so two names are never one
    # file name, and k3s can keep all archives in one directory.
    readable = lib.strings.sanitizeDerivationName (
      lib.replaceStrings [ "/" ":" ] [ "+" "++" ] fullName
    );
    # Nix takes names of at most 207 characters; ours get a few more.
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
          digest = digestOf manifest;
          inherit (manifest) size;
          # podman and skopeo go by the tag, containerd by its own annotation, and only a name
          # with its domain means the same to both.
          annotations = {
            "io.containerd.image.name" = fullName;
            "org.opencontainers.image.ref.name" = imageTag;
          };
        }
      ];
    };

    # nixfetch_docker/archives/layout.py makes the same files for `nixfetch-docker image`. They are
    # described twice on purpose: an image that Nix builds must not depend on Python.

    # What `docker load` reads: https://docs.docker.com/reference/cli/docker/image/save/
    dockerArchive = [
      {
        Config = pathOf config;
        RepoTags = [ fullName ];
        Layers = map pathOf layers;
      }
    ];

    toFile = value: writeText "json" (builtins.toJSON value);

    # An attribute set, so that a layer that occurs twice is linked once.
    entries = {
      "oci-layout" = toFile { imageLayoutVersion = "1.0.0"; };
      "index.json" = toFile index;
      "manifest.json" = toFile dockerArchive;
      ${pathOf manifest} = fetch true manifest;
      ${pathOf config} = fetch false config;
    }
    // lib.listToAttrs (map (layer: lib.nameValuePair (pathOf layer) (fetch false layer)) layers);

    image = linkFarm storeName entries;

    stream = imageStream {
      name = "stream-${storeName}";
      directory = image;
      files = [
        "oci-layout"
        "index.json"
        "manifest.json"
      ];
    };
  in
  image
  // {
    inherit stream;
    archive = runCommand "${storeName}.tar" { } "${stream} > $out";

    manifest = fetch true manifest;
    config = fetch false config;
    layers = map (fetch false) layers;

    imageName = name;
    inherit imageTag;
    imageDigest = digestOf manifest;
    imageId = digestOf config;
  }
)
