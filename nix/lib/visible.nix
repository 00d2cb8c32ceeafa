/**
  A text for a message, with escapes in place of what would control a terminal or would not be seen:
  ends of lines, control characters, marks that turn the direction of writing, and what has no width.
  Nix itself takes out none but the sequences that begin with an escape character.
  nixfetch_docker/base/printable.py does the same for the command.

  Type: { lib } -> string -> string
*/
{ lib }:

let
  range = first: last: lib.genList (n: first + n) (last - first + 1);

  hex =
    width: number:
    lib.optionalString (width > 0) (
      hex (width - 1) (number / 16)
      + builtins.substring (builtins.bitAnd number 15) 1 "0123456789abcdef"
    );

  escapes =
    # U+E0001 to U+E007F, which spell a text that nobody sees, as JSON has them: in two parts.
    map (low: "\\udb40\\u${hex 4 low}") (range 56321 56447)
    ++ map (code: "\\u${hex 4 code}") (
      range 1 31
      ++ range 127 159
      # The soft hyphen, the Arabic and Mongolian marks, and those of U+2000 and after.
      ++ [
        173
        1564
        6158
      ]
      ++ range 8203 8207
      ++ range 8232 8238
      ++ range 8288 8303
      ++ [ 65279 ]
    );
  characters = map (escape: builtins.fromJSON "\"${escape}\"") escapes;
in

lib.replaceStrings characters escapes
