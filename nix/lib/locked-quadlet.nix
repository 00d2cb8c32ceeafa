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
  # What a container runs an image by: its configuration -> the image, by fetchDocker, -> the definitions.
  definitions,
}:

{
  config,
  name,
  options,
  ...
}:

{
  options.locked = import ../nixos/locked-option.nix { inherit lib; };

  config = lib.mkIf (config.locked != null) (
    if options ? ${needs.option} then
      definitions config (namedImage "${option}.${name}.locked" config.locked).image
    else
      # Without its name, which the module system gives only once it has read all definitions.
      throw "a container of ${option} has `locked`, and no module declares such containers; ${needs.remedy}"
  );
}
