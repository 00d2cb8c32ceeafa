/**
  The two files of a project, images.toml and the lock beside it, and how messages name them.

  `images` and `lock` are the contents. `images` has known keys alone, and no login in its registries.
  `update` is the command that writes the lock, for messages. `shownName` is the path of images.toml,
  without the store path of the flake that has it.

  Type: { lib } -> path -> { images, lock, fileName, shownName, lockName, update }
*/
{ lib }:

let
  text = import ./text.nix { inherit lib; };
  only = import ./only.nix { inherit lib; };
  checkRegistries = import ./registries.nix { inherit lib; };

  # Without an expression, which would overflow the stack for a long text.
  isIn = part: string: lib.replaceStrings [ part ] [ "" ] string != string;

  # A "@" that could follow a login, however it is written, stays; that of a digest does not.
  withPlainAts =
    lib.replaceStrings
      [ "@sha256:" "@sha512:" "%40" "\\u0040" "\\U00000040" "\\x40" ]
      [ "" "" "@" "@" "@" "@" ];

  # What could be a login in a line of TOML that Nix may fail to parse, and then would show.
  mayHaveLogin =
    line:
    isIn "@" line
    && lib.stringLength line <= 1000
    && builtins.match ".*(https?:/|://[^/\"']|\"//|'//)[^\"']*@.*|.*[\"'][^/\"':]+:[^/\"'@]+@.*" line != null
    && builtins.match "[ \t]*#.*" line == null;

  parse =
    {
      name,
      string,
      conflict,
      # Whether people write this file, and may write a login into it.
      byHand,
    }:
    let
      plain = withPlainAts string;
      # An expression for each line takes longer than all the rest, so most files never get there.
      lines = lib.optionals (isIn "@" plain) (lib.filter builtins.isString (builtins.split "\n" plain));
      wrong = lib.filter (n: mayHaveLogin (builtins.elemAt lines n)) (
        lib.genList (n: n) (lib.length lines)
      );
    in
    if lib.hasPrefix "<<<<<<<" string || isIn "\n<<<<<<<" string then
      throw "${name} has a merge conflict; ${conflict}"
    else if byHand && wrong != [ ] then
      throw "${name}: line ${toString (lib.head wrong + 1)}: this has a login in it; leave it out, and log in with docker login or podman login"
    else
      builtins.fromTOML string;
in

# The images.toml.
file:

let
  path = toString file;
  fileName = baseNameOf path;
  lockName = "${lib.removeSuffix ".toml" fileName}.lock.toml";
  lockFile = dirOf file + "/${lockName}";

  # Below the source of a flake, whose store path tells a person nothing.
  inStore = builtins.match "${lib.escapeRegex builtins.storeDir}/[^/]+/(.+)" path;
  display = one: if inStore == null then toString one else dirIn + baseNameOf (toString one);
  dirIn = lib.removeSuffix fileName (lib.head inStore);

  quoted =
    one: if builtins.match "[A-Za-z0-9_./@:+-]+" one != null then one else lib.escapeShellArg one;
  # Whoever has no flake runs the command by its name. Both find images.toml here by themselves.
  isHere =
    if inStore == null then
      path == builtins.getEnv "PWD" + "/images.toml"
    else
      lib.head inStore == "images.toml";
  option = "--file ${quoted (if inStore == null then path else lib.head inStore)}";
  update =
    if isHere then
      "run `nixfetch-docker update` (or `nix run .#update-images`)"
    else
      "run `nixfetch-docker update ${option}` (or `nix run .#update-images -- ${option}`)";

  images =
    let
      read = only fileName "key" [
        "defaults"
        "images"
        "registries"
      ] (parse {
        name = fileName;
        string = builtins.readFile file;
        conflict = "resolve it, and ${update}";
        byHand = true;
      });
      tables = lib.mapAttrs (
        name: value:
        if builtins.isAttrs value then
          value
        else
          throw "${fileName}: ${name}: expected a table, found ${text.typeName value}"
      ) read;
      defaults = only "${fileName}: defaults" "key" [ "platforms" ] (tables.defaults or { });
      registries = checkRegistries "${fileName}: registries" (tables.registries or { });
    in
    if !builtins.pathExists file then
      throw "${display file} does not exist${
        lib.optionalString (inStore != null) ", or git does not have it yet"
      }; write it, ${lib.optionalString (inStore != null) "`git add` it, "}and ${update}"
    else
      builtins.seq defaults (
        builtins.seq registries {
          inherit defaults registries;
          images = tables.images or { };
        }
      );

  lock =
    if !builtins.pathExists lockFile then
      throw "${display lockFile} does not exist; ${update} to write it, and in a git repository `git add` it"
    else
      parse {
        name = lockName;
        string = builtins.readFile lockFile;
        conflict = "take either side, then ${update}";
        byHand = false;
      };
in
if !(builtins.isString file || builtins.typeOf file == "path" || file ? outPath) then
  throw "fetchDockerImages: the argument 'file' is ${text.typeName file}; name an images.toml, as in ./images.toml"
else if !lib.hasPrefix "/" path || lib.hasPrefix "//" path && text.hasLogin path then
  throw "fetchDockerImages: the argument 'file' is no path; name an images.toml, as in ./images.toml"
else
  {
    inherit
      images
      fileName
      lockName
      update
      ;
    shownName = display file;
    lock =
      if lock.version or null == 1 then
        lock
      else if !builtins.isInt (lock.version or null) then
        throw "${lockName} is no lock: its version is no number; restore it from git, or delete it and ${update}"
      else
        throw "${lockName} has version ${toString lock.version}, and this nixfetch-docker reads version 1; update your nixfetch-docker input";
  }
