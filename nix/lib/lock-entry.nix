/**
  The parts of a lock's entry that evaluation uses, checked.

  A lock comes with a pull request, so each value is as foreign as a registry's answer: it becomes a
  part of URLs, of names and of scripts. The grammar is that of nixfetch_docker/oci/reference.py and
  digest.py. A message names the field, and repeats no value, which could control a terminal.

  Type: { lib, update } -> { image, pin }
*/
{
  lib,
  # What writes the lock, for messages: "run `nixfetch-docker update`".
  update,
}:

let
  parseReference = import ./reference.nix { inherit lib; };
  isLocal = import ./is-local.nix;

  # Nix's `match` needs a part of the stack for each character, so long texts never get there.
  isMatch =
    limit: pattern: value:
    builtins.isString value
    && builtins.stringLength value <= limit
    && builtins.match pattern value != null;

  component = "[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*";
  host = "([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\\[[A-Fa-f0-9:]+])(:[0-9]{1,5})?";
  part = "[a-z0-9_.-]+";

  isRepository = isMatch 512 "${host}(/${component})+";
  isTag = isMatch 128 "[A-Za-z0-9_][A-Za-z0-9_.-]*";
  isDigest = isMatch 135 "sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}";
  isPlatform = isMatch 128 "${part}/${part}(/${part})?";
  isSize = value: builtins.isInt value && value >= 0;
  isManifestType =
    value:
    builtins.elem value [
      "application/vnd.oci.image.manifest.v1+json"
      "application/vnd.docker.distribution.manifest.v2+json"
    ];

  refuse =
    path: what:
    throw "${path} ${what}; the lock is not for editing: restore it from git, or delete it and ${update}";

  # `value`, unless a test of its fields fails: { name, isValid, what } for each.
  check =
    path: fields: value:
    let
      wrong = lib.filter (field: !field.isValid (value.${field.name} or null)) fields;
      known = map (field: field.name) fields;
      isKnown = name: builtins.elem name known;
    in
    if !builtins.isAttrs value then
      refuse path "is no table"
    else if wrong != [ ] then
      refuse "${path}.${(lib.head wrong).name}" (lib.head wrong).what
    else if !builtins.all isKnown (lib.attrNames value) then
      refuse path "has an unknown key"
    else
      value;

  field = name: what: isValid: { inherit name what isValid; };

  blob =
    path: more: value:
    let
      algorithm = if value ? sha512 then "sha512" else "sha256";
    in
    check path (
      [
        (field algorithm "is no ${algorithm}, in lower-case hexadecimal digits" (
          hex: builtins.isString hex && isDigest "${algorithm}:${hex}"
        ))
        (field "size" "is no number of bytes" isSize)
      ]
      ++ more
    ) value;

  # Whether `blob` takes a value, without a message. A lock has thousands of layers, and as a rule all of
  # them are right.
  isBlob =
    value:
    builtins.isAttrs value
    && builtins.attrNames value == blobKeys
    && builtins.isInt value.size
    && value.size >= 0
    && builtins.isString value.sha256
    && builtins.stringLength value.sha256 == 64
    && builtins.match "[0-9a-f]*" value.sha256 != null;
  blobKeys = [
    "sha256"
    "size"
  ];
in
{
  /**
    The entry of an image, but for its platforms' own entries. `path` names it: "images.lock.toml:
    images.redis". Its request is known to be that of images.toml.

    Type: string -> attrs -> attrs
  */
  image =
    path: entry:
    let
      inherit (entry) request;
      asked = parseReference request.image;
      # What images.toml names is what the lock has: whoever reviews images.toml relies on that. The tag of a
      # followed image, and an image in a file, are the command's to find.
      isAsked = test: value: isLocal request.image || test value;
      isAskedTag =
        tag:
        request ? version
        || request ? tag-pattern
        || tag == (if asked.tag == null && asked.digest == null then "latest" else asked.tag);
    in
    check path [
      (field "request" "is no table" builtins.isAttrs)
      (field "repository" "is no repository with its registry" isRepository)
      (field "repository" "is not the repository that is asked for" (
        isAsked (repository: repository == asked.repository)
      ))
      (field "tag" "is no tag" (tag: tag == null || isTag tag))
      (field "tag" "is not the tag that is asked for" (isAsked isAskedTag))
      (field "digest" "is no digest" isDigest)
      (field "digest" "is not the digest that is asked for" (
        isAsked (digest: asked.digest == null || digest == asked.digest)
      ))
      # Who signed it: for reviewers of the lock.
      (field "signed-by" "is no array of tables" (
        vouchers: vouchers == null || builtins.isList vouchers && builtins.all builtins.isAttrs vouchers
      ))
      (field "platforms" "has no platforms, or a key that is none" (
        platforms:
        builtins.isAttrs platforms && platforms != { } && builtins.all isPlatform (lib.attrNames platforms)
      ))
    ] entry;

  /**
    The entry of one platform of an image.

    Type: string -> attrs -> attrs
  */
  pin =
    path: value:
    let
      checked = check path [
        (field "manifest" "is no table" builtins.isAttrs)
        (field "config" "is no table" builtins.isAttrs)
        (field "layers" "is no array" builtins.isList)
      ] value;
    in
    {
      manifest = blob "${path}.manifest" [
        (field "media-type" "is not the media type of an image's manifest" isManifestType)
      ] checked.manifest;
      config = blob "${path}.config" [ ] checked.config;
      layers =
        if builtins.all isBlob checked.layers then
          checked.layers
        else
          lib.imap0 (position: blob "${path}.layers[${toString position}]" [ ]) checked.layers;
    };
}
