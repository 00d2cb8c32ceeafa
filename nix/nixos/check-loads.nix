/**
  The assertions about all that is loaded on a machine, or for a user: each image is there, in one file
  alone, and no engine is to hold two images of one name.

  Type: { lib, namedImage, sources } -> [ { engine, user, name, option, unit } ] -> [ assertion ]
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
  inherit (sources)
    images
    problems
    twice
    ;

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
  # users are apart, and the namespaces of containerd.
  storageAndName =
    load:
    let
      whose = if load.engine == "containerd" then load.namespace or "default" else load.user;
    in
    "${load.engine} ${whose} ${images.${load.name}.imageName}:${images.${load.name}.imageTag}";
  isOneImage =
    _storageAndName: sharing:
    let
      names = lib.unique (map (load: load.name) sharing);
      first = images.${lib.head names};
    in
    {
      assertion = lib.length (lib.unique (map (name: images.${name}.imageId) names)) == 1;
      message = "the images ${lib.concatStringsSep ", " names} are not the same and are all loaded as ${first.imageName}:${first.imageTag}; ask for all but one by digest, without the tag, in ${lib.concatStringsSep " or " sources.names}";
    };
in
map (problem: {
  assertion = false;
  message = problem;
}) problems
++ map exists loads
++ lib.mapAttrsToList isOneImage (
  lib.groupBy storageAndName (
    lib.filter (load: images ? ${load.name} && !twice ? ${load.name}) loads
  )
)
