/**
  The option `locked` of a container, as a module for the submodule of
  `virtualisation.oci-containers.containers`.

  Type: { lib, namedImage } -> module
*/
{ lib, namedImage }:

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
      image out of the Nix store, as it is locked: `image` is set to its name and tag, and nothing
      is ever pulled.

      Before the container starts, the image is loaded into the engine, as the user that the
      container runs as. Where the engine has this image under this name already, nothing is loaded.
      When another image is locked, the unit restarts, even where the tag is the same.
    '';
  };

  config = lib.mkIf (config.locked != null) (
    let
      inherit (namedImage "virtualisation.oci-containers.containers.${name}.locked" config.locked) image;
    in
    {
      image = "${image.imageName}:${image.imageTag}";
    }
    # nixpkgs before 25.05 does not have the option `pull`. It passes `--pull missing`, and the last
    # of two such arguments counts.
    // (if options ? pull then { pull = "never"; } else { extraOptions = [ "--pull=never" ]; })
  );
}
