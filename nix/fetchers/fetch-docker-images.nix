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
  lockEntries = import ../lib/lock-entry.nix;
  project = import ../lib/project.nix { inherit lib; };
  requests = import ../lib/request.nix { inherit lib; };
  caFile = import ../lib/ca-file.nix { inherit lib; };
  strict = import ../lib/strict.nix { inherit lib; };
  isLocal = import ../lib/is-local.nix;

  isName =
    name:
    lib.stringLength name <= 128 && builtins.match "[A-Za-z0-9_][A-Za-z0-9_.+-]*" name != null;

  fetchAll =
    {
      # The images.toml.
      file,
      # The platform of the images, such as "linux/arm64".
      platform ? platforms.ofHost stdenv.hostPlatform,
    }:

    let
      wantedPlatform = platforms.normalize platform;
      read = project file;
      inherit (read)
        fileName
        images
        lock
        lockName
        update
        ;
      lockEntry = lockEntries { inherit lib update; };

      # A CA that lies beside images.toml is copied into the store, where builds can read it. Client
      # certificates and keys are not: everyone who can read the store could use them.
      registries = lib.mapAttrs (
        host: settings:
        removeAttrs settings [
          "client-certificate"
          "client-key"
        ]
        // lib.optionalAttrs (settings ? ca-file && !lib.hasPrefix "/" settings.ca-file) {
          ca-file = caFile "${fileName}: registries.\"${host}\".ca-file" (
            dirOf file + "/${settings.ca-file}"
          );
        }
      ) images.registries;

      fetchImage =
        name: image:
        let
          request = requests.read "${fileName}: images.${name}" images.defaults image;
          entry = lock.images.${name} or null;
          locked =
            if entry == null then
              throw "${fileName} asks for an image '${name}' that ${lockName} does not have; ${update}"
            else if (entry.request or { }) == request then
              lockEntry.image "${lockName}: images.${name}" entry
            else
              throw "${fileName} asks for the image '${name}' otherwise than ${lockName} has it: ${
                requests.difference request (entry.request or { })
              }; ${update}";

          # A lock of an earlier version may have other names for its platforms than the normal form.
          pins = lib.mapAttrs' (
            lockedPlatform: pin:
            lib.nameValuePair (platforms.normalize lockedPlatform) (
              lockEntry.pin "${lockName}: images.${name}.platforms.${lockedPlatform}" pin
            )
          ) locked.platforms;
          available = lib.attrNames pins;
          # As TOML, which has the same syntax for an array of strings as JSON.
          wanted = lib.concatStringsSep ", " (map builtins.toJSON (available ++ [ wantedPlatform ]));
          pin =
            pins.${wantedPlatform}
              or (throw "the image '${name}' is not locked for ${wantedPlatform}, only for ${lib.concatStringsSep ", " available}; write platforms = [${wanted}] for it in ${fileName} and ${update}");
        in
        fetchDocker {
          # An image in a file has no repository. Its blobs come from `prefetch`; where one is
          # missing, the builder says what to do.
          repository = if isLocal request.image then request.image else locked.repository;
          name = locked.repository;
          tag = locked.tag or null;
          inherit (pin) manifest config layers;
          inherit registries;
        };
    in
    if builtins.all isName (lib.attrNames images.images) then
      lib.mapAttrs fetchImage images.images
    else
      throw "${fileName} has an image whose name is none; use up to 128 letters, digits, '_', '-', '.' and '+', and start with a letter, a digit or '_'";
in

# The images.toml, or a set with the arguments of `fetchAll`.
arg:
strict "fetchDockerImages" fetchAll (if builtins.isAttrs arg then arg else { file = arg; })
