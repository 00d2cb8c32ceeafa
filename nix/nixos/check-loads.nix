/**
  The assertions about all that is loaded on a machine, or for a user: each image is there, and no
  engine is to hold two images of one name.

  Type: { lib, dockerImages, namedImage } -> [ { engine, user, name, option, unit } ] -> [ assertion ]
*/
{
  lib,
  # config.virtualisation.dockerImages
  dockerImages,
  # By named-image.nix.
  namedImage,
}:

# What is loaded, as the option `loads` has it.
loads:

let
  inherit (dockerImages) file images;

  exists =
    load:
    let
      inherit (namedImage load.option load.name) problem;
    in
    {
      assertion = problem == null;
      message = toString problem;
    };

  # An engine gives a name to one image only: one container would run another's image. The storages of
  # users are apart.
  storageAndName =
    load:
    "${load.engine} ${load.user} ${images.${load.name}.imageName}:${images.${load.name}.imageTag}";
  isOneImage =
    _storageAndName: sharing:
    let
      names = lib.unique (map (load: load.name) sharing);
      first = images.${lib.head names};
    in
    {
      assertion = lib.length (lib.unique (map (name: images.${name}.imageId) names)) == 1;
      message = "the images ${lib.concatStringsSep ", " names} are not the same and are all loaded as ${first.imageName}:${first.imageTag}; ask for all but one by digest, without the tag, in ${baseNameOf file}";
    };
in
map exists loads
++ lib.mapAttrsToList isOneImage (
  lib.groupBy storageAndName (lib.filter (load: images ? ${load.name}) loads)
)
