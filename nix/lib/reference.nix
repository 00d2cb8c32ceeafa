/**
  The parts of a reference of an image in a registry, with the defaults that docker has: `repository` with
  its registry, and the `tag` and the `digest`, null where the reference has none. The reference is known
  to be valid: images.toml has it, and the command has locked it.

  nixfetch_docker/oci/reference.py has the same rules, which docker's are:
  https://github.com/distribution/reference/blob/v0.6.0/normalize.go

  Type: { lib } -> string -> { repository, tag, digest }
*/
{ lib }:

reference:

let
  split = separator: text: lib.filter builtins.isString (builtins.split separator text);

  atDigest = split "@" reference;
  parts = split "/" (lib.head atDigest);
  first = lib.head parts;
  isRegistry =
    lib.length parts > 1
    && (
      first == "localhost"
      || lib.replaceStrings [ "." ":" ] [ "" "" ] first != first
      || lib.toLower first != first
    );

  registry = if isRegistry && first != "index.docker.io" then first else "docker.io";
  path = if isRegistry then lib.tail parts else parts;
  atTag = split ":" (lib.concatStringsSep "/" path);
  official = lib.optionalString (registry == "docker.io" && lib.length path == 1) "library/";
in
{
  repository = "${registry}/${official}${lib.head atTag}";
  tag = if lib.length atTag > 1 then lib.elemAt atTag 1 else null;
  digest = if lib.length atDigest > 1 then lib.elemAt atDigest 1 else null;
}
