/**
  An image as nixpkgs' dockerTools read a `fromImage`: a docker-archive in the older form, with each
  layer as HEX/layer.tar and not compressed, and the config as HEX.json.

  buildImage looks for these names, and copies layers as they are below others that are not compressed;
  it and streamLayeredImage take the digest of a layer's file for that of its content. mergeImages
  takes nothing but a tar that is compressed by gzip as a whole.
  https://github.com/NixOS/nixpkgs/tree/master/pkgs/build-support/docker

  Format: https://github.com/moby/moby/blob/v25.0.0/image/spec/spec.md

  Type: { lib, gnutar, runCommand, zstd } -> { name, destNameTag, config, layers, passthru } -> derivation
*/
{
  lib,
  # Of the machine that builds.
  gnutar,
  runCommand,
  # Of the machine that builds.
  zstd,
}:

{
  # The name of the archive in the store, without its ending.
  name,
  # The name and the tag that an engine gives the image when it loads it.
  destNameTag,
  # The derivation of the config, by fetchDockerBlob.
  config,
  # The derivations of the layers, the base layer first.
  layers,
  # Further attributes of the archive.
  passthru,
}:

let
  configFile = "${config.outputHash}.json";
  layerFile = layer: "${layer.outputHash}/layer.tar";

  manifest = [
    {
      Config = configFile;
      RepoTags = [ destNameTag ];
      Layers = map layerFile layers;
    }
  ];

  # As an attribute set, so that a layer that occurs twice is in the archive once.
  unpacked = lib.listToAttrs (
    map (layer: {
      name = layerFile layer;
      value = ''
        mkdir ${layer.outputHash}
        unpack ${layer} > ${layerFile layer}
      '';
    }) layers
  );
in
runCommand "${name}.tar.gz" { inherit passthru; } ''
  # The content of a layer, by its first bytes: its media type may be wrong.
  unpack() {
    case $(head -c 4 "$1" | od -An -tx1) in
      ' 1f 8b'*) gzip -dc < "$1" ;;
      ' 28 b5 2f fd' | ' 5'?' 2a 4d 18') ${zstd}/bin/zstd -dc < "$1" ;;
      *) cat "$1" ;;
    esac
  }

  mkdir image
  cd image
  printf %s ${lib.escapeShellArg (builtins.toJSON manifest)} > manifest.json
  cat ${config} > ${configFile}
  ${lib.concatStrings (lib.attrValues unpacked)}
  # The small files first. The fastest level is near the others for what a registry has packed.
  ${gnutar}/bin/tar --create --format=gnu --sort=name \
    --mtime=@1 --owner=0 --group=0 --numeric-owner --mode=u+w,go-w \
    manifest.json ${configFile} ${toString (lib.attrNames unpacked)} | gzip -n1 > $out
''
