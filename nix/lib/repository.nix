/**
  A repository, or the name of an image without its tag, as it is; else an error. It is written into
  derivations, which every user of the machine can read: so a login in it is an error, which does not
  show it. Whether the name is otherwise valid, the builder checks.

  Type: { lib } -> string -> string -> string
*/
{ lib }:

let
  text = import ./text.nix { inherit lib; };
  isLocal = import ./is-local.nix;
in

# Where the name stands, for messages: "fetchDocker: repository".
place: repository:

if !builtins.isString repository then
  throw "${place}: expected a string, found ${text.typeName repository}"
else if text.hasLogin repository && !isLocal repository then
  throw "${place}: the name of an image has no login; log in with docker login or podman login"
else
  repository
