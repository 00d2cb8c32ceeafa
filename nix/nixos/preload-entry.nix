/**
  An element of the option `preload` that names more than an image, as a module for a submodule.

  Type: { lib } -> module
*/
{ lib }:

let
  inherit (lib) mkOption types;
in
{
  options = {
    name = mkOption {
      type = types.str;
      example = "redis";
      description = "The name of the image.";
    };

    engine = mkOption {
      type = types.nullOr (
        types.enum [
          "podman"
          "docker"
          "containerd"
        ]
      );
      default = null;
      defaultText = lib.literalExpression "config.virtualisation.oci-containers.backend";
      description = "The engine that the image is loaded into.";
    };

    user = mkOption {
      type = types.str;
      default = "root";
      example = "alice";
      description = "The user whose storage of podman the image is loaded into.";
    };

    namespace = mkOption {
      type = types.nullOr types.str;
      default = null;
      example = "k8s.io";
      description = "The namespace of containerd that the image is loaded into: `default`, unless it is set.";
    };
  };
}
