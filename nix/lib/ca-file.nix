/**
  A CA beside images.toml, copied into the store, where builds can read it. Every user can, too: so
  nothing is copied that is no certificate, or has a private key beside it.

  Type: { lib } -> string -> path -> string
*/
{ lib }:

let
  isIn = part: string: lib.replaceStrings [ part ] [ "" ] string != string;
in

# Where the file is named, for messages.
place:
# The file.
file:

let
  # Not read before its type is known: a FIFO would never end.
  directory = dirOf file;
  entries = if builtins.pathExists directory then builtins.readDir directory else { };
  type = entries.${baseNameOf file} or null;
  content = builtins.readFile file;
  hint = "name a file of PEM certificates beside images.toml";
in
if type == null then
  throw "${place}: there is no such file, or git does not have it yet; ${hint}, and in a git repository `git add` it"
else if type != "regular" then
  throw "${place}: this is not a regular file; ${hint}"
else if isIn "PRIVATE KEY-----" content then
  throw "${place}: this file has a private key in it, which every user could read in the store; ${hint}"
else if !isIn "CERTIFICATE-----" content then
  throw "${place}: this file has no certificate in it; ${hint}"
else
  # Under a fixed name, because the store does not take every file name.
  builtins.path {
    name = "ca.pem";
    path = file;
  }
