/**
  An executable that writes an image's directory as a tar to stdout, each link as the file that it
  leads to: for `podman load`, `docker load` and `imageStream`. It copies nothing into the store.

  Type: { gnutar, writeShellScript } -> { name, directory, files } -> derivation
*/
{ gnutar, writeShellScript }:

{
  name,
  directory,
  # The small files. They come first, so that a reader knows early what it has before it.
  files,
}:

writeShellScript name ''
  exec ${gnutar}/bin/tar --create --directory=${directory} \
    --dereference --hard-dereference --format=gnu --sort=name \
    --mtime=@1 --owner=0 --group=0 --numeric-owner --mode=u+w \
    ${toString files} blobs
''
