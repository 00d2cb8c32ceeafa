/**
  A layer as a file system that the kernel mounts: an EROFS file with what podman's unpacking makes of
  the layer, and what an image store says of it.

  The derivation depends on the blob, on the compression and on the programs alone: a layer that five
  images share is built once. Its output is the same each time.

  Type: { lib, erofs-utils, nixfetch-docker, runCommand } -> string -> derivation -> derivation
*/
{
  lib,
  # Of the machine that builds: mkfs.erofs 1.8 or newer.
  erofs-utils,
  # The command, for the system that builds.
  nixfetch-docker,
  runCommand,
}:

let
  # Clusters of 64 KiB: smaller ones compress less, larger ones cost more for each read. Of 236 MB of
  # Debian's files lz4 makes 128 in 0.3 s, zstd at level 6 makes 91 in 20 s, at 9 makes 89 in 32 s.
  compressions = {
    zstd = "-zzstd,level=6 -C65536";
    lz4 = "-zlz4 -C65536";
    none = "";
  };
in

# How the file system is compressed: "lz4", "none" or "zstd".
compression:

let
  options =
    compressions.${compression}
      or (throw "there is no compression ${builtins.toJSON compression} of layers; write one of ${lib.concatStringsSep ", " (map builtins.toJSON (lib.attrNames compressions))}");
in

# The blob, by fetchDockerBlob.
blob:

runCommand "erofs-${blob.outputHashAlgo}-${blob.outputHash}" { inherit options; } ''
  set -o pipefail
  mkdir $out
  # Files keep their own times; the time of the build and the UUID are the same each time.
  # Where mkfs.erofs complains of half a tar, what the other program says comes last.
  ${nixfetch-docker}/bin/nixfetch-docker erofs-tar ${blob} $out/facts.json 2> reasons |
    ${erofs-utils}/bin/mkfs.erofs --quiet --tar=f --aufs --sort=none -b4096 -T0 --mkfs-time \
      -U 6e697866-6574-4368-8d64-6f636b657220 $options $out/layer.erofs || {
      cat reasons >&2
      exit 1
    }
  # Eight bytes into the file, which is before the file system, podman looks whether access control
  # lists count.
  printf '\001' | dd of=$out/layer.erofs bs=1 seek=8 conv=notrunc status=none
''
