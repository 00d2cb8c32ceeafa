/**
  The images of an images.toml, as the images.lock.toml beside it pins them.

  Evaluation reads both files and builds nothing. An image whose entry in images.toml is not the
  entry that was locked fails to evaluate; the other images evaluate.

  nixfetch_docker/lockfile/lock.py writes the lock, and describes its format.

  Type: path | { file, platform ? "linux/<the host's architecture>" } -> { <name> = derivation; }
*/
{
  lib,
  stdenv,
  fetchDocker,
}:

let
  platforms = import ../lib/platforms.nix { inherit lib; };
  lockEntry = import ../lib/lock-entry.nix { inherit lib; };

  isName =
    name:
    lib.stringLength name <= 128 && builtins.match "[A-Za-z0-9_][A-Za-z0-9_.+-]*" name != null;
in

# The images.toml, or a set with
# - `file`: the images.toml;
# - `platform`: the platform of the images, such as "linux/arm64".
arg:

let
  arguments = if builtins.isAttrs arg then arg else { file = arg; };
  inherit (arguments) file;
  platform = platforms.normalize (arguments.platform or (platforms.ofHost stdenv.hostPlatform));

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
    if lock.version or null == 1 then
      lock
    else if !builtins.isInt (lock.version or null) then
      throw "${lockName} is no lock: its version is no number; restore it from git, or delete it and ${update}"
    else
      throw "${lockName} has version ${toString lock.version}, and this nixfetch-docker reads version 1; update your nixfetch-docker input";

  # A CA that lies beside images.toml is copied into the store, where builds can read it. Client
  # certificates and keys are not: everyone who can read the store could use them.
  registries = lib.mapAttrs (
    _host: settings:
    removeAttrs settings [
      "client-certificate"
      "client-key"
    ]
    // lib.optionalAttrs (settings ? ca-file && !lib.hasPrefix "/" settings.ca-file) {
      # Under a fixed name, because the store does not take every file name.
      ca-file = builtins.path {
        name = "ca.pem";
        path = dirOf file + "/${settings.ca-file}";
      };
    }
  ) (images.registries or { });

  isLocal =
    image:
    builtins.any (start: lib.hasPrefix start image) [
      "oci:/"
      "oci:."
      "docker-archive:/"
      "docker-archive:."
    ];

  fetchImage =
    name: image:
    let
      request = (images.defaults or { }) // image;
      locked =
        if (checkedLock.images.${name}.request or null) == request then
          lockEntry.image "${lockName}: images.${name}" checkedLock.images.${name}
        else
          throw "${fileName} asks for an image '${name}' that ${lockName} does not have; ${update}";

      # A lock of an earlier version may have other names for its platforms than the normal form.
      pins = lib.mapAttrs' (
        lockedPlatform: pin:
        lib.nameValuePair (platforms.normalize lockedPlatform) (
          lockEntry.pin "${lockName}: images.${name}.platforms.${lockedPlatform}" pin
        )
      ) locked.platforms;
      available = lib.attrNames pins;
      # As TOML, which has the same syntax for an array of strings as JSON.
      wanted = lib.concatStringsSep ", " (map builtins.toJSON (available ++ [ platform ]));
      pin =
        pins.${platform}
          or (throw "the image '${name}' is not locked for ${platform}, only for ${lib.concatStringsSep ", " available}; write platforms = [${wanted}] for it in ${fileName} and ${update}");
    in
    fetchDocker {
      # An image in a file has no repository. Its blobs come from `prefetch`; where one is missing,
      # the builder says what to do.
      repository = if isLocal request.image then request.image else locked.repository;
      name = locked.repository;
      tag = locked.tag or null;
      inherit (pin) manifest config layers;
      inherit registries;
    };
in
if builtins.all isName (lib.attrNames (images.images or { })) then
  lib.mapAttrs fetchImage (images.images or { })
else
  throw "${fileName} has an image whose name is none; use up to 128 letters, digits, '_', '-', '.' and '+', and start with a letter, a digit or '_'"
