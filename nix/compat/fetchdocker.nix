/**
  Compose an image of its config and its layers, with the arguments that nixpkgs' function of this
  name had: for expressions that docker2nix wrote. In new expressions, prefer `fetchDockerImages`,
  which keeps the registry's manifest too.

  The result is a directory with the executable `compositeImage.sh`, which writes the image as a
  docker-archive to stdout. The derivation has these attributes:

  - `image`: the name and the tag that an engine gives the image when it loads it, and `imageName`
    and `imageTag`: the two apart;
  - `stream`, `archive`, `config`, `layers`, `imageId`: as on the images of `fetchDocker`.

  Type: { name, registry ? …, repository ? "library", imageName, tag, imageConfig, imageLayers,
    image ? "docker.io/library/…" } -> derivation
*/
{
  lib,
  buildPackages,
  gnutar,
  runCommand,
  runtimeShell,
  writeTextFile,
}:

let
  checkName = import ../lib/repository.nix { inherit lib; };
  strict = import ../lib/strict.nix { inherit lib; };
  parseRegistry = import ./registry-url.nix { inherit lib; };
  dockerArchive = import ../lib/docker-archive.nix {
    inherit
      lib
      buildPackages
      gnutar
      runCommand
      runtimeShell
      writeTextFile
      ;
  };
in

strict "fetchdocker" (
  {
    # The name of the result in the store.
    name,
    # The URL of the registry.
    registry ? "https://registry-1.docker.io/v2/",
    # The part of the image's name before imageName.
    repository ? "library",
    # The last part of the image's name.
    imageName,
    # The image's tag.
    tag,
    # By fetchDockerConfig.
    imageConfig,
    # By fetchDockerLayer, the base layer first.
    imageLayers,
    # The name and the tag that an engine gives the image.
    image ? "${(parseRegistry registry).host}/${repository}/${imageName}:${tag}",
  }:

  let
    nameAndTag = builtins.match "(.+):([^/:]+)" (checkName "fetchdocker: image" image);

    made = dockerArchive {
      inherit name;
      directoryName = "${name}-files";
      imageName = builtins.elemAt nameAndTag 0;
      imageTag = builtins.elemAt nameAndTag 1;
      config = imageConfig;
      layers = imageLayers;
    };
  in
  if nameAndTag == null then
    throw "the image '${image}' has no tag; write it as NAME:TAG"
  else
    runCommand name
      {
        # Quicker than to send the link to a remote builder.
        preferLocalBuild = true;
        passthru = made.attributes // {
          inherit image;
        };
      }
      ''
        mkdir $out
        ln -s ${made.stream} $out/compositeImage.sh
      ''
)
