/**
  The options of the module, below `virtualisation`.

  Type: { lib, mounted ? null, namedImage, sources } -> attrs
*/
{
  lib,
  # By mounted.nix, on NixOS.
  mounted ? null,
  # By named-image.nix.
  namedImage,
  # By sources.nix.
  sources,
}:

let
  inherit (lib) mkOption types;
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

    files = mkOption {
      type = types.listOf types.path;
      default = [ ];
      example = lib.literalExpression "[ ./images.toml ]";
      description = ''
        More files as {option}`virtualisation.dockerImages.file` is one: of several services, each
        with its own `images.toml` and the lock beside it. Definitions of several modules merge. A
        name that two of the files have is an error.
      '';
    };

    images = mkOption {
      type = types.lazyAttrsOf types.package;
      readOnly = true;
      default = sources.fetched;
      defaultText = lib.literalExpression "pkgs.fetchDockerImages config.virtualisation.dockerImages.file";
      description = ''
        The images of {option}`virtualisation.dockerImages.file` and
        {option}`virtualisation.dockerImages.files` by their names, for use in other options, such as
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
        else if path != null && builtins.match "[^ \t\n]*" path == null then
          throw "virtualisation.dockerImages.authFile has a blank in it, at which Nix ends a path of the sandbox; name a file without one"
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
        {option}`virtualisation.oci-containers`: the `engine`, the `user` whose storage it is (for
        containerd also the `namespace`), the `name` of the image, the `option` that names it, and
        the `unit` that loads it. Modules that load images define it.
      '';
    };

    mount = mkOption {
      type = types.either types.bool (
        types.enum [
          "zstd"
          "lz4"
          "none"
        ]
      );
      default = false;
      example = true;
      description = ''
        Whether root's podman runs locked images out of the Nix store, where each layer is an EROFS file
        that podman mounts, and keeps no copy of them. A text is how the files are compressed; `true` is
        `"zstd"` where the machine's kernel is known to read that, and `"lz4"` elsewhere.

        This is for containers of {option}`virtualisation.oci-containers`, for quadlets, and for
        {option}`virtualisation.dockerImages.preload`, as far as root's podman runs them. Images for
        docker, for containerd, and for the podman of another user are loaded all the same; so are all
        where podman is older than 5.4, or its storage driver is not overlay.

        `podman save` and `podman push` do not work on a mounted image, and each container has a page
        cache of its own.
      '';
    };

    mountFallback = mkOption {
      type = types.bool;
      default = !mounted.isSure;
      defaultText = lib.literalExpression "false, where podman and the kernel are nixpkgs' and known to mount images";
      description = ''
        Whether the blobs of mounted images are on the machine too, so that an image is loaded where
        podman fails to mount it, such as with a kernel that lacks EROFS. The journal says so then.
      '';
    };

    preload = mkOption {
      type = types.listOf (
        types.either types.str (types.submodule (import ./preload-entry.nix { inherit lib; }))
      );
      default = [ ];
      example = lib.literalExpression ''
        [
          "redis"
          { name = "web"; user = "alice"; }
          { name = "web"; engine = "docker"; }
        ]
      '';
      description = ''
        Images to load at boot, and whenever they change, without a container of their own. The name
        of an image alone: into root's storage of {option}`virtualisation.oci-containers.backend`.
      '';
    };

    removeSuperseded = mkOption {
      type = types.bool;
      default = true;
      description = ''
        Whether images that this module loaded, for a container or {option}`preload`, are removed from
        the engine once they are not locked any more, or nothing names them. An image stays while a
        container uses it, stopped or not, and where it has a name that somebody else gave it. An
        image that the engine had before is never removed.
      '';
    };
  };

  oci-containers.containers = mkOption {
    type = types.attrsOf (types.submodule (import ./locked-container.nix { inherit lib namedImage; }));
  };
}
