/**
  A set, if its names are all known; else an error that names the first that is not.

  Type: { lib } -> string -> [ string ] -> attrs -> attrs
*/
{ lib }:

let
  text = import ./text.nix { inherit lib; };
in

# What the set is, and where: "images.toml: images.web" or "fetchDocker".
place:
# What a name is there: "key" or "argument".
noun:
# The known names.
known:
set:

let
  unknown = removeAttrs set known;
  name = lib.head (lib.attrNames unknown);
  named = if text.hasLogin name then "…" else text.visible name;
in
if !builtins.isAttrs set then
  throw "${place}: expected a table, found ${text.typeName set}"
else if unknown == { } then
  set
else
  throw "${place}: unknown ${noun} '${named}'; ${text.nearest known name}"
