/**
  The settings of registries, as in the [registries] of images.toml, once they are checked, and without
  those that no build needs. They are written into derivations, which every user of the machine can
  read. So a login in them is an error, which does not show it. nixfetch_docker/endpoints/settings.py
  has the same rules.

  Type: { lib } -> string -> attrs -> attrs
*/
{ lib }:

let
  text = import ./text.nix { inherit lib; };
  only = import ./only.nix { inherit lib; };

  host = "([A-Za-z0-9][A-Za-z0-9.-]*|\\[[A-Fa-f0-9:]+])(:[0-9]+)?";
  matches = pattern: string: lib.stringLength string <= 1000 && builtins.match pattern string != null;
  login = "this has a login in it; leave it out, and log in with docker login or podman login";

  expect =
    place: type: value:
    if builtins.typeOf value == type then
      value
    else
      throw "${place}: expected ${text.typeName { string = ""; list = [ ]; bool = true; }.${type}}, found ${text.typeName value}";

  mirror =
    place: url:
    let
      string = expect place "string" url;
    in
    if text.hasLogin string then
      throw "${place}: ${login}"
    else if !matches "https?://${host}(/[a-z0-9._/-]*)?" string then
      throw "${place}: ${text.shown string} is not the URL of a mirror; write it as https://mirror.example.org or https://mirror.example.org/path"
    else
      null;

  # A path of Nix would be copied into the store with the derivation.
  file =
    place: isSecret: path:
    if builtins.isString path then
      if path == "" then
        throw "${place}: the path is empty; name a file, or remove the key"
      else if matches "[A-Za-z][A-Za-z0-9+.-]*:/.*|(//)?[^/@:]+:[^@]*@.*" path then
        throw "${place}: this is not the path of a file; name a file of PEM data"
      else
        null
    else if isSecret then
      throw "${place}: expected a string, found ${text.typeName path}: it would be copied into the store, where every user can read it"
    else if builtins.typeOf path == "path" || path ? outPath then
      null
    else
      throw "${place}: expected a string, found ${text.typeName path}";

  check = {
    plain-http = place: value: builtins.seq (expect place "bool" value) null;
    mirrors =
      place: value: lib.imap0 (n: mirror "${place}[${toString n}]") (expect place "list" value);
    ca-file = place: file place false;
    client-certificate = place: file place true;
    client-key = place: file place true;
  }
  // lib.genAttrs signers (_: place: value: builtins.seq (expect place "list" value) null);

  # Who must have signed: that is checked when an image is locked, and no build needs it.
  signers = [
    "signed-by"
    "signed-by-all"
  ];

  checkHost =
    place: name: settings:
    let
      here = "${place}.\"${name}\"";
      known = only here "key" (lib.attrNames check) settings;
    in
    if text.hasLogin name then
      throw "${place}: the name of a registry has a login in it; leave it out, and log in with docker login or podman login"
    else if !matches host name then
      throw "${place}: ${text.shown name} is not a registry; write host and port as in the images' names: \"docker.io\", \"registry.lab:5000\""
    else
      lib.mapAttrsToList (key: check.${key} "${here}.${key}") known;
in

# Where the settings stand, for messages: "images.toml: registries".
place: settings:

if builtins.isAttrs settings then
  builtins.deepSeq (lib.mapAttrsToList (checkHost place) settings) (
    # A table that only says who must have signed is none for a build.
    lib.filterAttrs (host: used: used != { } || settings.${host} == { }) (
      lib.mapAttrs (_: one: removeAttrs one signers) settings
    )
  )
else
  throw "${place}: expected a table, found ${text.typeName settings}"
