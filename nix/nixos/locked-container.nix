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
  options.locked = import ./locked-option.nix { inherit lib; };

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
