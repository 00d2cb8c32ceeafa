/**
  Texts of users and of locks, made fit for messages: a login in them is not shown.

  Type: { lib } -> { hasLogin, shown, visible, closest, nearest, typeName }
*/
{ lib }:

let
  visible = import ./visible.nix { inherit lib; };

  # Without an expression, which would be slower, and overflow the stack for a long text.
  hasAt =
    text:
    lib.replaceStrings [ "@" "%40" "%2540" ] [ "" "" "" ] text != text;

  # A digest behind the name of an image is no login.
  withoutDigest =
    text:
    let
      name = builtins.match "(.*)@sha[0-9]{3}:[0-9A-Fa-f]*" text;
    in
    # The matching of expressions is recursive: a long text would overflow the stack.
    if lib.stringLength text > 1000 || name == null then text else lib.head name;

  hasLogin = text: hasAt text && hasAt (withoutDigest text);

  closest =
    known: name:
    let
      distance = lib.strings.levenshtein name;
      better = best: one: if best == null || distance one < distance best then one else best;
      best = lib.foldl' better null known;
      length = lib.stringLength name;
      allowed = lib.max 2 (2 * length / 5);
    in
    # The distance takes the square of the length.
    if known != [ ] && length <= 32 && distance best <= allowed && distance best < length then
      best
    else
      null;

  # Attributes in a list are inline tables.
  toml =
    value:
    if builtins.isAttrs value && !value ? outPath then
      let
        names = lib.attrNames value;
        isBare = name: builtins.match "[A-Za-z0-9_-]+" name != null;
        key = name: if lib.stringLength name <= 100 && isBare name then name else builtins.toJSON name;
      in
      if names == [ ] then
        "{}"
      else
        "{ ${lib.concatStringsSep ", " (map (name: "${key name} = ${toml value.${name}}") names)} }"
    else if builtins.isList value then
      "[${lib.concatStringsSep "," (map toml value)}]"
    else
      builtins.toJSON value;

  hidesLogin =
    value:
    if builtins.isList value then
      builtins.any hidesLogin value
    else if builtins.isAttrs value && !value ? outPath then
      builtins.any hidesLogin (lib.attrValues value)
    else
      builtins.isString value && hasLogin value;

  cut = text: if lib.stringLength text <= 200 then text else builtins.substring 0 200 text + "…";
in
{
  /**
    Whether a text that names a registry or an image has a login in it, as `https://ann:password@host`
    has. nixfetch_docker/base/userinfo.py has the same rules.

    Type: string -> bool
  */
  inherit hasLogin;

  /**
    A value as TOML writes it, which for these values is as JSON; short, and "…" for a login.

    Type: any -> string
  */
  shown =
    value:
    let
      text = visible (cut (toml value));
    in
    if builtins.isAttrs value || builtins.isFunction value || builtins.typeOf value == "path" then
      "a ${builtins.typeOf value}"
    else if hidesLogin value then
      "\"…\""
    else
      text;

  /**
    A text for a message, without what would control a terminal.

    Type: string -> string
  */
  inherit visible;

  /**
    The known name that is nearest to a name, or null where none is near.

    Type: [ string ] -> string -> string | null
  */
  inherit closest;

  /**
    What to do about a name that is not among the known ones.

    Type: [ string ] -> string -> string
  */
  nearest =
    known: name:
    let
      near = closest known name;
    in
    if near != null then "did you mean '${near}'?" else "known are ${lib.concatStringsSep ", " known}";

  /**
    The type of a value, in the words that TOML has for it.

    Type: any -> string
  */
  typeName =
    value:
    {
      bool = "true or false";
      int = "an integer";
      float = "a number";
      string = "a string";
      list = "an array";
      set = "a table";
    }
    .${builtins.typeOf value} or "a ${builtins.typeOf value}";
}
