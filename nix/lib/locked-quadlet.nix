/**
  The option `locked` of a container that podman's quadlet runs, as a module for the submodule in
  which another project declares such containers.

  Type: { lib, namedImage, option, needs, definitions } -> module
*/
{
  lib,
  # By ../nixos/named-image.nix.
  namedImage,
  # The option that has the containers, for messages: "services.podman.containers".
  option,
  # An option of a container that the other project declares, and what to do where there is none.
  needs,
  # What a container runs an image by: the image, by fetchDocker, -> the definitions.
  definitions,
}:

{
  config,
  name,
  options,
  ...
}:

{
  options.locked = lib.mkOption {
    type = lib.types.nullOr lib.types.str;
    default = null;
    example = "redis";
    description = ''
      The name of an image in {option}`virtualisation.dockerImages.file`. The container runs this
      image out of the Nix store, as it is locked: the image is set to its name and tag, and nothing
      is ever pulled.

      Before the container starts, the image is loaded into podman, as the user that the container
      runs as. Where podman has this image under this name already, nothing is loaded. When another
      image is locked, the unit restarts, even where the tag is the same.
    '';
  };

  config = lib.mkIf (config.locked != null) (
    if options ? ${needs.option} then
      definitions (namedImage "${option}.${name}.locked" config.locked).image
    else
      # Without its name, which the module system gives only once it has read all definitions.
      throw "a container of ${option} has `locked`, and no module declares such containers; ${needs.remedy}"
  );
}
