/**
  A function that takes a set with named arguments, with errors that say what is near to a wrong name.
  Nix's own say so from 2.16 on.

  Type: { lib } -> string -> (attrs -> any) -> attrs -> any
*/
{ lib }:

let
  only = import ./only.nix { inherit lib; };
in

# The name of the function.
name:
# The function, whose pattern has the known names.
function:

let
  known = builtins.functionArgs function;
  needed = lib.filter (argument: !known.${argument}) (lib.attrNames known);
  check = only name "argument" (lib.attrNames known);
in
arguments:
let
  checked = check arguments;
  missing = lib.filter (argument: !checked ? ${argument}) needed;
in
if missing == [ ] then
  function checked
else
  throw "${name} needs the argument '${lib.head missing}'"
