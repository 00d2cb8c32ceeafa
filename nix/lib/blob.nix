/**
  The derivations of blobs. There are thousands of them: what all have in common is computed once, and
  what the blobs of one image have in common once for the image.

  Type: { lib, stdenv, buildPackages, nixfetch-docker } -> { repository, registries }
    -> bool -> { sha256, … } -> derivation
*/
{
  lib,
  stdenv,
  buildPackages,
  # The command, for the system that builds.
  nixfetch-docker,
}:

let
  only = import ./only.nix { inherit lib; };

  checkBlob = only "fetchDockerBlob: blob" "key" [
    "sha256"
    "sha512"
    "size"
    # Only manifests have one, for the index of an image.
    "media-type"
  ];

  # The keys of most blobs, which are not held against the known ones one by one.
  usual = [
    "sha256"
    "size"
  ];

  out = placeholder "out";
  certificates = "${buildPackages.cacert}/etc/ssl/certs/ca-bundle.crt";

  common = {
    inherit (stdenv.buildPlatform) system;

    builder = "${nixfetch-docker}/bin/nixfetch-docker";

    outputHashMode = "flat";

    impureEnvVars = lib.unique (
      lib.fetchers.proxyImpureEnvVars
      ++ [
        "NIX_SSL_CERT_FILE"
        # The path of a file of logins in the sandbox, where it is not the usual one.
        "NIXFETCH_DOCKER_AUTH_FILE"
      ]
    );
    preferLocalBuild = true;

    # A layer that Nix made contains the text of store paths, perhaps of inputs of this build. Nix takes
    # them for references and refuses the output, unless it discards references.
    __structuredAttrs = true;
  }
  # Before Nix 2.18 this is an experimental feature, and from 2.14 on the attribute alone makes every
  # build fail.
  // lib.optionalAttrs (lib.versionAtLeast builtins.nixVersion "2.18") {
    unsafeDiscardReferences.out = true;
  };
in

{
  # Where the blobs are, and how to reach registries. Both have been checked.
  repository,
  registries,
}:

let
  settings = builtins.toJSON registries;
in

# Whether the digest is that of a manifest.
isManifest:
# As the argument `blob` of fetchDockerBlob.
blob:

let
  algorithm = if blob ? sha512 then "sha512" else "sha256";
  checked =
    if builtins.isAttrs blob && builtins.attrNames blob == usual then blob else checkBlob blob;
  hex = checked.${algorithm};
in
# By `derivation` and not by stdenv: the builder is the command itself, which needs no shell.
derivation (
  common
  // {
    name = "${algorithm}-${hex}";
    outputHashAlgo = algorithm;
    outputHash = hex;

    args = [
      "fetch-blob"
      repository
      "${algorithm}:${hex}"
      "--output"
      out
      "--registries"
      settings
      "--ca-file"
      certificates
    ]
    ++ (
      if blob ? size then
        [
          "--size"
          (toString blob.size)
        ]
      else
        [ ]
    )
    ++ (if isManifest then [ "--manifest" ] else [ ]);
  }
)
