/**
  The files that name the images of a machine, or of a user, and their images as one set.

  Several files are those of several services, each with its own images.toml. A name that two of them
  have fails to evaluate, wherever it is used.

  Type: { lib, fetchDockerImages, dockerImages }
    -> { names, images, fetched, twice, problems }
*/
{
  lib,
  # Of the overlay.
  fetchDockerImages,
  # config.virtualisation.dockerImages
  dockerImages,
}:

let
  project = import ../lib/project.nix { inherit lib; };

  # A file that is written twice, such as in two modules, is one file.
  files = map lib.head (
    lib.attrValues (
      lib.groupBy (file: builtins.unsafeDiscardStringContext (toString file)) (
        lib.optional (dockerImages.file != null) dockerImages.file ++ dockerImages.files
      )
    )
  );

  # Without the store path of a flake's source, unless the files of two flakes are called the same.
  shown = map (file: (project file).shownName) files;
  names = if lib.unique shown == shown then shown else map toString files;

  found = lib.concatLists (
    lib.zipListsWith (
      file: shownName:
      lib.mapAttrsToList (name: image: { inherit name image shownName; }) (fetchDockerImages file)
    ) files names
  );
  byName = lib.groupBy (one: one.name) found;

  twice = lib.mapAttrs (
    name: having:
    "the image '${name}' is in ${lib.concatStringsSep " and in " (map (one: one.shownName) having)}; give it another name in ${
      if lib.length having == 2 then "one" else "all but one"
    } of them, and update the lock of that file"
  ) (lib.filterAttrs (_name: having: lib.length having > 1) byName);
in
{
  # The files, as messages name them.
  names = if lib.length names == 1 then map baseNameOf names else names;

  # The images as the option has them: evaluated once, though several modules read them here.
  inherit (dockerImages) images;

  # Of these the option is made.
  fetched = lib.mapAttrs (
    name: having: if twice ? ${name} then throw twice.${name} else (lib.head having).image
  ) byName;

  # The names that several files have, with the message about each.
  inherit twice;

  problems = lib.attrValues twice;
}
