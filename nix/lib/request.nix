/**
  The entry of an image in images.toml, with the defaults, and why it is not the one that was locked.

  Type: { lib } -> { read, difference }
*/
{ lib }:

let
  text = import ./text.nix { inherit lib; };
  only = import ./only.nix { inherit lib; };
  platforms = import ./platforms.nix { inherit lib; };
  isLocal = import ./is-local.nix;

  keys = [
    "image"
    "platforms"
    "version"
    "suffix"
    "tag-pattern"
    "ignore"
    "minimum-age"
    "signed-by"
    "signed-by-all"
    "frozen"
  ];
in
{
  /**
    The request of an image, checked as far as Nix uses it.

    Type: string -> attrs -> attrs -> attrs
  */
  read =
    # Where the entry stands: "images.toml: images.web".
    place:
    # The [defaults] of images.toml.
    defaults:
    # The entry.
    image:
    let
      request = defaults // only place "key" keys image;
    in
    if !request ? image then
      throw "${place}: 'image' is missing; write image = \"redis:7\", for example"
    else if !builtins.isString request.image then
      throw "${place}.image: expected a string, found ${text.typeName request.image}"
    else if text.hasLogin request.image && !isLocal request.image then
      throw "${place}.image: an image reference has no login; log in with docker login or podman login"
    else
      request;

  /**
    What differs between a request and the locked one: "version from \"^1\" to \"^2\"". Fails for a
    platform that no image has.

    Type: attrs -> attrs -> string
  */
  difference =
    # The request in images.toml.
    request:
    # The request in the lock.
    locked:
    let
      value = set: key: if set ? ${key} then text.shown set.${key} else "nothing";
      differs = key: (request.${key} or null) != (locked.${key} or null);
      names = lib.filter differs (lib.attrNames (locked // request));
      shownName = key: if lib.elem key keys then key else text.shown key;
      asked = request.platforms or [ ];
      checked = lib.filter builtins.isString (if builtins.isList asked then asked else [ ]);
    in
    builtins.deepSeq (map platforms.normalize checked) (
      lib.concatStringsSep ", " (
        map (key: "${shownName key} from ${value locked key} to ${value request key}") names
      )
    );
}
