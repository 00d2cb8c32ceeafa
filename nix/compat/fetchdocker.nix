/**
  Compose an image of its config and layers, by the arguments that nixpkgs' function of this name
  had: for expressions that docker2nix wrote. New ones are better written with
  `fetchDockerImages`, which keeps the registry's manifest too.

  The result is a directory with the executable `compositeImage.sh`, which writes the image as a
  docker-archive to stdout. On it:

  - `image`: the name and tag that the engine knows the image by once it is loaded, and
    `imageName`, `imageTag`: the two apart;
  - `stream`, `archive`, `config`, `layers`, `imageId`: as on the images of `fetchDocker`.

  Type: { name, registry ? …, repository ? "library", imageName, tag, imageConfig, imageLayers,
    image ? "docker.io/library/…" } -> derivation
*/
{
  lib,
  gnutar,
  linkFarm,
  runCommand,
  writeShellScript,
  writeText,
}:

let
  parseRegistry = import ./registry-url.nix;
  imageStream = import ../lib/image-stream.nix { inherit gnutar writeShellScript; };
in

{
  # The name of the result in the store.
  name,
  registry ? "https://registry-1.docker.io/v2/",
  repository ? "library",
  imageName,
  tag,
  # By fetchDockerConfig.
  imageConfig,
  # By fetchDockerLayer, the base layer first.
  imageLayers,
  # The name and tag that the image is loaded under.
  image ? "${(parseRegistry registry).host}/${repository}/${imageName}:${tag}",
}:

let
  parts = builtins.match "(.+):([^/:]+)" image;
  pathOf = blob: "blobs/sha256/${blob.outputHash}";

  # What `docker load` reads: https://docs.docker.com/reference/cli/docker/image/save/
  manifest = [
    {
      Config = pathOf imageConfig;
      RepoTags = [ image ];
      Layers = map pathOf imageLayers;
    }
  ];

  # An attribute set, so that a layer that occurs twice is linked once.
  directory = linkFarm "${name}-files" (
    {
      "manifest.json" = writeText "json" (builtins.toJSON manifest);
    }
    // lib.listToAttrs (
      map (blob: lib.nameValuePair (pathOf blob) blob) ([ imageConfig ] ++ imageLayers)
    )
  );

  stream = imageStream {
    name = "stream-${name}";
    inherit directory;
    files = [ "manifest.json" ];
  };
in
if parts == null then
  throw "the image '${image}' has no tag; write it as NAME:TAG"
else
  linkFarm name { "compositeImage.sh" = stream; }
  // {
    inherit image stream;
    archive = runCommand "${name}.tar" { } "${stream} > $out";

    config = imageConfig;
    layers = imageLayers;

    imageName = builtins.head parts;
    imageTag = builtins.elemAt parts 1;
    imageId = "sha256:${imageConfig.outputHash}";
  }
