/**
  What is loaded, with the images: the attribute `image` of each. Without those that are not there, for
  which check-loads.nix has an assertion.

  Type: { lib, namedImage, sources } -> [ { name, option, … } ] -> [ { name, option, image, … } ]
*/
{
  lib,
  # By named-image.nix.
  namedImage,
  # By sources.nix.
  sources,
}:

# What is loaded, as the option `loads` has it.
loads:

let
  isFound =
    load:
    (namedImage load.option load.name).problem == null && !sources.twice ? ${load.name};
in
map (load: load // { inherit (namedImage load.option load.name) image; }) (
  lib.filter isFound loads
)
