/**
  A read-only store of images, for `additionalimagestores` in podman's storage.conf. podman 5 runs its
  images in place: it mounts each layer from the Nix store, and nothing is loaded.

  The store is made of texts and of links to the layers' file systems. Names, IDs and digests of its
  images are those of the registries.

  Type: { images, compression ? "lz4" } -> derivation
*/
{
  lib,
  # The packages of the machine that builds: of erofs-utils 1.8 or newer.
  buildPackages,
  # The command, for the system that builds.
  nixfetch-docker,
  runCommand,
}:

let
  strict = import ../lib/strict.nix { inherit lib; };
  erofsLayer = import ../lib/erofs-layer.nix {
    inherit
      lib
      nixfetch-docker
      runCommand
      ;
    inherit (buildPackages) erofs-utils;
  };
in

strict "dockerImageStore" (
  {
    # The images, by fetchDocker or fetchDockerImages.
    images,
    # How the file systems of layers are compressed: "lz4", which every kernel with EROFS reads, as
    # "none"; or "zstd", the smallest, which needs a kernel with CONFIG_EROFS_FS_ZIP_ZSTD. Those of
    # nixpkgs have that from 26.11 on.
    compression ? "lz4",
  }:

  let
    layer = erofsLayer compression;

    describe =
      image:
      if image ? manifest then
        described image
      else
        throw "dockerImageStore: the image '${image.name}' has no manifest; take one of fetchDockerImages or fetchDocker";
    described = image: {
      name = "${image.imageName}:${image.imageTag}";
      digest = image.imageDigest;
      manifest = "${image.manifest}";
      config = "${image.config}";
      layers = map (blob: "${layer blob}") image.layers;
    };
  in
  runCommand "image-store"
    {
      description = builtins.toJSON { images = map describe images; };
      passAsFile = [ "description" ];
      # Quicker than to send the links to a remote builder.
      preferLocalBuild = true;
      passthru.layers = lib.unique (lib.concatMap (image: map layer image.layers) images);
    }
    ''
      ${nixfetch-docker}/bin/nixfetch-docker image-store "$descriptionPath" $out
    ''
)
