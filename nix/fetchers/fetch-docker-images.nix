/**
  The images of an images.toml, as the images.lock.toml beside it pins them.

  Reads both files at evaluation and builds nothing to do so. An image whose entry in images.toml
  is not the one that was locked fails to evaluate; the others are not affected.

  Type: path | { file, platform ? "linux/<the host's architecture>" } -> { <name> = derivation; }
*/
{
  lib,
  stdenv,
  fetchDocker,
}:

arg:

let
  arguments = if builtins.isAttrs arg then arg else { file = arg; };
  inherit (arguments) file;
  platform = arguments.platform or hostPlatform;

  lockFile = dirOf file + "/${lockName}";
  fileName = baseNameOf file;
  lockName = "${lib.removeSuffix ".toml" fileName}.lock.toml";
  update = "run `nix run .#update-images`";

  images = lib.importTOML file;
  lock =
    if builtins.pathExists lockFile then
      lib.importTOML lockFile
    else
      throw "${toString lockFile} does not exist; ${update} to write it, and in a git repository `git add` it";

  checkedLock =
    if lock.version == 1 then
      lock
    else
      throw "${lockName} has version ${toString lock.version}, and this nixfetch-docker reads version 1; update your nixfetch-docker input";

  # Containers are Linux's, also on a Mac, where a virtual machine of the same CPU runs them.
  hostPlatform =
    let
      cpu = lib.head (lib.splitString "-" stdenv.hostPlatform.system);
    in
    "linux/${architectures.${cpu} or cpu}";
  architectures = {
    x86_64 = "amd64";
    aarch64 = "arm64";
    i686 = "386";
    armv7l = "arm/v7";
    armv6l = "arm/v6";
    powerpc64le = "ppc64le";
    loongarch64 = "loong64";
  };

  # The other spelling that images.toml may use for the same platform.
  synonyms = {
    "linux/arm64" = "linux/arm64/v8";
    "linux/arm64/v8" = "linux/arm64";
    "linux/arm/v7" = "linux/arm";
    "linux/arm" = "linux/arm/v7";
  };

  # A CA that lies beside images.toml travels into the sandbox through the store. What proves who
  # we are does not: whoever may read the store could use it.
  registries = lib.mapAttrs (
    _host: settings:
    removeAttrs settings [
      "client-certificate"
      "client-key"
    ]
    // lib.optionalAttrs (settings ? ca-file && !lib.hasPrefix "/" settings.ca-file) {
      # Under a name of its own: not every file's is one that the store takes.
      ca-file = builtins.path {
        name = "ca.pem";
        path = dirOf file + "/${settings.ca-file}";
      };
    }
  ) (images.registries or { });

  isLocal = image: builtins.match "(oci|docker-archive):[./].*" image != null;

  fetchImage =
    name: image:
    let
      request = (images.defaults or { }) // image;
      locked =
        if (checkedLock.images.${name}.request or null) == request then
          checkedLock.images.${name}
        else
          throw "${fileName} asks for an image '${name}' that ${lockName} does not have; ${update}";
      pinned =
        locked.platforms.${platform} or locked.platforms.${synonyms.${platform} or platform}
          or (throw "the image '${name}' is not locked for ${platform}, only for ${lib.concatStringsSep ", " (lib.attrNames locked.platforms)}; add ${platform} to its platforms in ${fileName} and ${update}");
    in
    fetchDocker {
      # An image in a file has no repository; the builder tells what to do where prefetch has not run.
      repository = if isLocal request.image then request.image else locked.repository;
      name = locked.repository;
      tag = locked.tag or null;
      inherit (pinned) manifest config layers;
      inherit registries;
    };
in
lib.mapAttrs fetchImage (images.images or { })
