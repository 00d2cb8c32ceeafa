# The functions of nixpkgs' `lib` that the Nix code uses, with nixpkgs' meaning. What lib has in
# lists.nix, attrsets.nix, strings.nix and trivial.nix stands first, each other part under the name
# of its file.
let
  lib = {
    inherit (builtins)
      attrNames
      attrValues
      concatMap
      concatStringsSep
      elem
      elemAt
      filter
      foldl'
      genList
      groupBy
      head
      length
      listToAttrs
      mapAttrs
      replaceStrings
      stringLength
      tail
      ;

    concatLists = builtins.concatLists;
    last = list: builtins.elemAt list (builtins.length list - 1);
    # As long as the shorter of the two.
    zipListsWith =
      function: one: other:
      builtins.genList (n: function (builtins.elemAt one n) (builtins.elemAt other n)) (
        let
          lengths = map builtins.length [
            one
            other
          ];
        in
        if builtins.head lengths < lib.last lengths then builtins.head lengths else lib.last lengths
      );

    genAttrs =
      names: function: builtins.listToAttrs (map (name: lib.nameValuePair name (function name)) names);
    importTOML = path: builtins.fromTOML (builtins.readFile path);
    mapAttrsToList = function: set: map (name: function name set.${name}) (builtins.attrNames set);
    mapAttrs' = function: set: builtins.listToAttrs (lib.mapAttrsToList function set);
    filterAttrs =
      keep: set:
      removeAttrs set (builtins.filter (name: !keep name set.${name}) (builtins.attrNames set));
    nameValuePair = name: value: { inherit name value; };
    hasPrefix = prefix: text: builtins.substring 0 (builtins.stringLength prefix) text == prefix;
    hasSuffix =
      suffix: text:
      let
        start = builtins.stringLength text - builtins.stringLength suffix;
      in
      start >= 0 && builtins.substring start (-1) text == suffix;
    isDerivation = value: value.type or null == "derivation";
    makeBinPath = packages: builtins.concatStringsSep ":" (map (one: "${lib.getBin one}/bin") packages);
    optionalAttrs = condition: set: if condition then set else { };
    versionAtLeast = version: least: builtins.compareVersions version least >= 0;
    optional = condition: value: if condition then [ value ] else [ ];
    optionals = condition: values: if condition then values else [ ];
    optionalString = condition: text: if condition then text else "";
    max = one: other: if one > other then one else other;
    toList = value: if builtins.isList value then value else [ value ];
    concatStrings = builtins.concatStringsSep "";
    imap0 =
      function: list: builtins.genList (n: function n (builtins.elemAt list n)) (builtins.length list);
    stringToCharacters =
      text: builtins.genList (n: builtins.substring n 1 text) (builtins.stringLength text);
    toLower = builtins.replaceStrings (lib.stringToCharacters "ABCDEFGHIJKLMNOPQRSTUVWXYZ") (
      lib.stringToCharacters "abcdefghijklmnopqrstuvwxyz"
    );
    subtractLists = removed: builtins.filter (item: !builtins.elem item removed);
    unique = builtins.foldl' (
      seen: item: if builtins.elem item seen then seen else seen ++ [ item ]
    ) [ ];

    escapeShellArg = text: "'${builtins.replaceStrings [ "'" ] [ "'\\''" ] (toString text)}'";
    # lib/customisation.nix
    makeOverridable =
      function: arguments:
      let
        result = function arguments;
        override =
          changes:
          lib.makeOverridable function (
            arguments // (if builtins.isFunction changes then changes arguments else changes)
          );
      in
      if builtins.isAttrs result then
        result
        // {
          inherit override;
          overrideDerivation =
            changes:
            lib.makeOverridable (
              given:
              let
                old = function given;
              in
              derivation (old.drvAttrs // changes old)
            ) arguments;
        }
        // lib.optionalAttrs (result ? overrideAttrs) {
          overrideAttrs =
            changes: lib.makeOverridable (given: (function given).overrideAttrs changes) arguments;
        }
      else if builtins.isFunction result then
        {
          inherit override;
          __functor = _self: result;
          __functionArgs = builtins.functionArgs result;
        }
      else
        result;
    callPackageWith =
      available: file: arguments:
      let
        function = if builtins.isFunction file then file else import file;
        known = builtins.functionArgs function;
        given = builtins.intersectAttrs known available // arguments;
        missing = builtins.filter (name: !known.${name} && !given ? ${name}) (builtins.attrNames known);
      in
      if missing == [ ] then
        lib.makeOverridable function given
      else
        throw "Function called without required argument \"${builtins.head missing}\"";

    # lib/attrsets.nix
    getOutput =
      output: package:
      if package.outputSpecified or false then package else package.${output} or package.out or package;
    getBin = lib.getOutput "bin";
    # lib/meta.nix
    getExe = package: "${lib.getBin package}/bin/${package.meta.mainProgram}";
    meta.availableOn =
      platform: package:
      !package ? meta.platforms || builtins.elem platform.system package.meta.platforms;
    # lib/systems/flake-systems.nix, as of nixpkgs 26.11
    systems.flakeExposed = [
      "x86_64-linux"
      "aarch64-linux"
      "armv6l-linux"
      "armv7l-linux"
      "i686-linux"
      "aarch64-darwin"
      "powerpc64le-linux"
      "riscv64-linux"
      "x86_64-freebsd"
    ];

    removeSuffix =
      suffix: text:
      let
        kept = builtins.stringLength text - builtins.stringLength suffix;
      in
      if kept >= 0 && builtins.substring kept (-1) text == suffix then
        builtins.substring 0 kept text
      else
        text;
    splitString =
      separator: text:
      builtins.filter builtins.isString (builtins.split (lib.escapeRegex separator) text);
    escapeRegex = builtins.replaceStrings [ "." "+" "*" "?" ] [ "\\." "\\+" "\\*" "\\?" ];
    strings.levenshtein =
      a: b:
      let
        rows = builtins.genList (
          i: builtins.genList (distance i) (builtins.stringLength b + 1)
        ) (builtins.stringLength a + 1);
        at = i: j: builtins.elemAt (builtins.elemAt rows i) j;
        min = one: other: if one < other then one else other;
        distance =
          i: j:
          if j == 0 then
            i
          else if i == 0 then
            j
          else
            min (min (at (i - 1) j + 1) (at i (j - 1) + 1)) (
              at (i - 1) (j - 1)
              + (if builtins.substring (i - 1) 1 a == builtins.substring (j - 1) 1 b then 0 else 1)
            );
      in
      at (builtins.stringLength a) (builtins.stringLength b);
    strings.sanitizeDerivationName =
      text:
      builtins.concatStringsSep "-" (
        builtins.filter builtins.isString (builtins.split "[^[:alnum:]+._?=-]+" text)
      );

    sourceByRegex =
      root: patterns:
      let
        prefix = toString root + "/";
        inside = path: lib.removePrefix prefix (toString path);
      in
      builtins.path {
        path = root;
        name = "source";
        filter = path: _type: builtins.any (pattern: builtins.match pattern (inside path) != null) patterns;
      };
    removePrefix =
      prefix: text:
      if lib.hasPrefix prefix text then
        builtins.substring (builtins.stringLength prefix) (-1) text
      else
        text;

    # lib/fetchers.nix
    fetchers.proxyImpureEnvVars = [
      "http_proxy"
      "https_proxy"
      "all_proxy"
      "no_proxy"
    ];
    licenses.asl20 = "Apache-2.0";
    platforms.unix = lib.systems.flakeExposed;
  };
in
lib
