/**
  The options of the module, below `virtualisation`.

  Type: { config, lib, namedImage, packages } -> attrs
*/
{
  # The configuration of the machine.
  config,
  lib,
  # By named-image.nix.
  namedImage,
  # By ../lib/scope.nix.
  packages,
}:

let
  inherit (lib) mkOption types;
  inherit (config.virtualisation.dockerImages) file;
  text = import ../lib/text.nix { inherit lib; };
  isUrl = path: text.hasLogin path && !lib.hasPrefix "/" path;
in
{
  dockerImages = {
    file = mkOption {
      type = types.nullOr types.path;
      default = null;
      example = lib.literalExpression "./images.toml";
      description = ''
        The `images.toml` that names the images. The lock beside it, `images.lock.toml`, pins them;
        `nixfetch-docker update` (or `nix run .#update-images`) writes it.
      '';
    };

    images = mkOption {
      type = types.lazyAttrsOf types.package;
      readOnly = true;
      default = if file == null then { } else packages.fetchDockerImages file;
      defaultText = lib.literalExpression "pkgs.fetchDockerImages config.virtualisation.dockerImages.file";
      description = ''
        The images of {option}`virtualisation.dockerImages.file` by their names, for use in other
        options, such as
        `services.k3s.images = [ config.virtualisation.dockerImages.images.redis.archive ];`.
      '';
    };

    authFile = mkOption {
      type = types.nullOr (
        # A URL with a login passes here, and fails below: the module system shows what fails here.
        types.addCheck types.str (
          path: (lib.hasPrefix "/" path || isUrl path) && !lib.hasPrefix builtins.storeDir path
        )
        // {
          description = "absolute path outside the Nix store, as a string";
        }
      );
      default = null;
      example = "/run/secrets/registries.json";
      apply =
        path:
        if path != null && isUrl path then
          throw "virtualisation.dockerImages.authFile has a login in it; name a file that has it"
        else
          path;
      description = ''
        A file of registry logins, in the format of docker's `config.json` and podman's `auth.json`,
        for builds that fetch images. Builds see it at `/etc/nixfetch-docker/auth.json` while they
        run. It is never copied into the store; where it is missing, builds run without it.

        The build users must be able to read it: group `nixbld`, mode `0440`. Name the file itself:
        a symbolic link leads nowhere in the sandbox.

        **Who can see it:** every build on this machine, whoever starts it, and fixed-output builds
        have the network too. Everyone who may build here may read these logins. So name logins that
        may only pull. Leave this unset on machines where people build to whom you would not give
        the logins: there, `nixfetch-docker prefetch` fetches with each person's own login.
      '';
    };

    loads = mkOption {
      type = types.listOf (types.attrsOf types.str);
      default = [ ];
      internal = true;
      description = ''
        What else loads images on this machine, beside {option}`preload` and the containers of
        {option}`virtualisation.oci-containers`: the `engine`, the `user` whose storage it is, the
        `name` of the image, the `option` that names it, and the `unit` that loads it. Modules that
        load images define it.
      '';
    };

    preload = mkOption {
      type = types.listOf types.str;
      default = [ ];
      example = [ "redis" ];
      description = ''
        Names of images to load at boot, and whenever they change, without a container of their
        own: into root's storage of {option}`virtualisation.oci-containers.backend`.
      '';
    };
  };

  oci-containers.containers = mkOption {
    type = types.attrsOf (types.submodule (import ./locked-container.nix { inherit lib namedImage; }));
  };
}
