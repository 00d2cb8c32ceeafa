/**
  What podman-mount.nix reads of an image: `store`, an image store of this image alone, and `sums`, the
  files that podman mounts for it, with their sha256.

  Type: { dockerImageStore, runCommand } -> { image, compression } -> derivation
*/
{ dockerImageStore, runCommand }:

{
  # The image, by fetchDocker.
  image,
  # "zstd", "lz4" or "none".
  compression,
}:

runCommand "mounted-image"
  {
    store = dockerImageStore {
      images = [ image ];
      inherit compression;
    };
  }
  ''
    mkdir $out
    ln -s $store $out/store
    # By the paths that Nix repairs. An image may have no layer.
    touch $out/sums
    for file in $store/overlay/*/composefs-data/composefs.blob; do
      [ ! -e "$file" ] || sha256sum "$(readlink --canonicalize "$file")" >> $out/sums
    done
  ''
