/**
  The image that an option names, out of the files of the machine or the user.

  `problem` is the message where there is no such image, and null otherwise. `image` is the image;
  where there is none, it fails to evaluate with the message.

  Type: { lib, sources } -> string -> string -> { problem, image }
*/
{
  lib,
  # By sources.nix.
  sources,
}:

# The option that names the image, for the message.
option:
# The name in images.toml.
name:

let
  inherit (sources) names images;
  text = import ../lib/text.nix { inherit lib; };
  hasLogin = text.hasLogin name;
  shownName = if hasLogin then "…" else text.visible name;

  near = if hasLogin then null else text.closest (lib.attrNames images) name;
  meant = lib.optionalString (near != null) "did you mean '${near}'? ";
  available = if images == { } then "none" else lib.concatStringsSep ", " (lib.attrNames images);
  lacking =
    if lib.length names == 1 then
      "which ${lib.head names} does not have; ${meant}it has"
    else
      "which none of ${lib.concatStringsSep ", " names} has; ${meant}they have";
  problem =
    if names == [ ] then
      "${option} names the image '${shownName}', and virtualisation.dockerImages.file is not set; set it to your images.toml"
    else if !images ? ${name} then
      "${option} names the image '${shownName}', ${lacking} ${available}"
    else
      null;
in
{
  inherit problem;
  image = if problem == null then images.${name} else throw problem;
}
