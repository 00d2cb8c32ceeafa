/**
  A sha256 in hexadecimal, from any form that Nix takes: its own base 32, base 64 as in SRI, or
  hexadecimal. Nix before 2.19 has no `builtins.convertHash`.

  Type: { lib } -> string -> string
*/
{ lib }:

hash:

let
  text = lib.removePrefix "sha256:" (lib.removePrefix "sha256-" hash);
  isIn = pattern: builtins.match pattern text != null;

  # Read every four digits of another base as a number, and write that as `width` digits.
  rebase =
    alphabet: width: digits:
    let
      characters = lib.stringToCharacters alphabet;
      values = lib.listToAttrs (lib.imap0 (value: digit: lib.nameValuePair digit value) characters);
      number =
        four:
        lib.foldl' (sum: digit: sum * lib.length characters + values.${digit}) 0 (
          lib.stringToCharacters four
        );
      group = position: toHex width (number (builtins.substring (4 * position) 4 digits));
    in
    lib.concatStrings (lib.genList group (builtins.stringLength digits / 4));

  toHex =
    width: number:
    lib.optionalString (width > 0) (
      toHex (width - 1) (number / 16)
      + builtins.substring (builtins.bitAnd number 15) 1 "0123456789abcdef"
    );

  # One number of 260 bits, of which the first four are zero, with the last byte first.
  fromBase32 =
    let
      digits = rebase "0123456789abcdfghijklmnpqrsvwxyz" 5 text;
    in
    lib.concatStrings (lib.genList (byte: builtins.substring (63 - 2 * byte) 2 digits) 32);

  # 33 bytes with the padding, which is the last of them.
  fromBase64 = builtins.substring 0 64 (
    rebase "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/" 6 (
      lib.replaceStrings [ "=" ] [ "A" ] text
    )
  );
in
if isIn "[0-9a-fA-F]{64}" then
  lib.toLower text
else if isIn "[01][0-9a-df-np-sv-z]{51}" then
  fromBase32
else if isIn "[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=" then
  fromBase64
else
  throw "'${hash}' is not a sha256; write it in Nix's base 32, in hexadecimal, or as SRI: sha256-…="
