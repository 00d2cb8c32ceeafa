/**
  An executable that writes the directory of an image as a tar to stdout, for `podman load`,
  `docker load` and `imageStream`. The tar has files where the directory has links. No copy of the
  image is written to the store.

  nixfetch_docker/archives/tar.py writes the same bytes, and tests/end_to_end/test_gnu_tar.py
  compares the two. They are described twice on purpose: a stream must not pull Python into its
  closure.

  Type: { gnutar, runtimeShell, writeTextFile } -> { name, directory, files } -> derivation
*/
{
  gnutar,
  runtimeShell,
  writeTextFile,
}:

let
  shellScript = import ./shell-script.nix { inherit runtimeShell writeTextFile; };
in

{
  # The name of the executable in the store.
  name,
  # The directory of the image: `files`, and the blobs below `blobs/`.
  directory,
  # The names of the small files. They come first in the tar, so that a reader knows early which
  # blobs follow.
  files,
}:

shellScript name ''
  exec ${gnutar}/bin/tar --create --directory=${directory} \
    --dereference --hard-dereference --format=gnu --sort=name \
    --mtime=@1 --owner=0 --group=0 --numeric-owner --mode=u+w \
    ${toString files} blobs
''
