/**
  The option `locked` of a container, whatever declares it.

  Type: { lib } -> option
*/
{ lib }:

lib.mkOption {
  type = lib.types.nullOr lib.types.str;
  default = null;
  example = "redis";
  description = ''
    The name of an image in {option}`virtualisation.dockerImages.file`. The container runs this
    image out of the Nix store, as it is locked: the image is set to its name and tag, and nothing
    is ever pulled.

    Before the container starts, the image is loaded into the engine, as the user that the
    container runs as. Where the engine has this image under this name already, nothing is loaded.
    When another image is locked, the unit restarts, even where the tag is the same.
  '';
}
