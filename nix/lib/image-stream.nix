/**
  An executable that writes an image's directory as a tar to stdout, each link as the file that it
  leads to: for `podman load`, `docker load` and `imageStream`. It copies nothing into the store.

  nixfetch_docker/archives/tar.py writes the same bytes, and a test compares the two. They are
  described twice on purpose: a stream must not pull Python into its closure.

  Type: { gnutar, writeShellScript } -> { name, directory, files } -> derivation
*/
{ gnutar, writeShellScript }:

{
  name,
  directory,
  # The small files. They come first, as readers need them before the blobs.
  files,
}:

writeShellScript name ''
  exec ${gnutar}/bin/tar --create --directory=${directory} \
    --dereference --hard-dereference --format=gnu --sort=name \
    --mtime=@1 --owner=0 --group=0 --numeric-owner --mode=u+w \
    ${toString files} blobs
''
