/**
  An element of the option `preload` that names more than an image, as a module for a submodule.

  Type: { lib } -> module
*/
{ lib }:

let
  inherit (lib) mkOption types;

  # https://github.com/containerd/containerd/blob/v1.7.0/identifiers/validate.go
  identifier =
    types.addCheck types.str (
      name:
      lib.stringLength name <= 76 && builtins.match "[A-Za-z0-9]+([._-][A-Za-z0-9]+)*" name != null
    )
    // {
      description = "identifier of containerd";
    };
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
      type = types.nullOr identifier;
      default = null;
      example = "k8s.io";
      description = "The namespace of containerd that the image is loaded into: `default`, unless it is set.";
    };
  };
}
