/**
  A module system for tests of modules that extend other projects' modules, where nixpkgs' own is not
  at hand: options of several declarations, submodules, and definitions by mkIf, mkMerge, mkBefore and
  mkForce, with nixpkgs' meaning. It has what these tests ask of it, and refuses the rest.

  lib/modules.nix, lib/types.nix

  Type: lib -> lib with evalModules, mkOption, mkIf, …, types
*/
lib:

let
  typed = _type: fields: fields // { inherit _type; };
  is = _type: value: builtins.isAttrs value && value._type or null == _type;
  shown = builtins.concatStringsSep ".";

  constructors = {
    mkOption = typed "option";
    mkEnableOption =
      text:
      typed "option" {
        type = types.bool;
        default = false;
        example = true;
        description = "Whether to enable ${text}.";
      };
    mkIf = condition: content: typed "if" { inherit condition content; };
    mkMerge = contents: typed "merge" { inherit contents; };
    mkOverride = priority: content: typed "override" { inherit priority content; };
    mkForce = constructors.mkOverride 50;
    mkDefault = constructors.mkOverride 1000;
    mkOrder = priority: content: typed "order" { inherit priority content; };
    mkBefore = constructors.mkOrder 500;
    mkAfter = constructors.mkOrder 1500;
    literalExpression = text: typed "literalExpression" { inherit text; };
  };

  # Definitions of a set, each as a set of definitions: conditions go inward, so that the names of a
  # set do not depend on them.
  pushDown =
    value:
    let
      inward = wrap: map (builtins.mapAttrs (_name: wrap)) (pushDown value.content);
    in
    if is "merge" value then
      builtins.concatMap pushDown value.contents
    else if is "if" value then
      inward (constructors.mkIf value.condition)
    else if is "override" value then
      inward (constructors.mkOverride value.priority)
    else if is "order" value then
      inward (constructors.mkOrder value.priority)
    else
      [ value ];

  # Definitions of one option: { priority, order, value } for each.
  discharge =
    { priority, order }@at:
    value:
    if is "merge" value then
      builtins.concatMap (discharge at) value.contents
    else if is "if" value then
      if value.condition then discharge at value.content else [ ]
    else if is "override" value then
      discharge (at // { inherit (value) priority; }) value.content
    else if is "order" value then
      discharge (at // { order = value.priority; }) value.content
    else
      [ (at // { inherit value; }) ];

  # The definitions that count, in their order.
  effective =
    values:
    let
      all = builtins.concatMap (discharge {
        priority = 100;
        order = 1000;
      }) values;
      least = builtins.foldl' (
        least: one: if one.priority < least then one.priority else least
      ) 9999 all;
      counting = builtins.filter (one: one.priority == least) all;
    in
    map (one: one.value) (builtins.sort (one: other: one.order < other.order) counting);

  mergeType =
    location: type: values:
    let
      wrong = builtins.filter (value: !type.check value) values;
    in
    if wrong != [ ] then
      throw "A definition for option `${shown location}' is not of type `${type.name}'."
    else
      type.merge location values;

  equal =
    location: values:
    if builtins.all (value: value == builtins.head values) values then
      builtins.head values
    else
      throw "The option `${shown location}' has conflicting definition values";

  # What documents call a type, and the options of the values in a value of it.
  described = type: type.description or type.name;
  grouped =
    type:
    let
      text = described type;
    in
    if builtins.match ".* or .*" text == null then text else "(${text})";
  subOptions = location: type: (type.getSubOptions or (_location: { })) location;

  simple = name: check: {
    inherit name check;
    merge = equal;
  };

  types = {
    str = simple "string" builtins.isString;
    bool = simple "boolean" builtins.isBool;
    int = simple "signed integer" builtins.isInt;
    package = simple "package" (value: value ? outPath || builtins.isString value);
    path = simple "absolute path" (
      value: builtins.isString value && lib.hasPrefix "/" value || builtins.typeOf value == "path"
    );
    unspecified = {
      name = "unspecified";
      check = _value: true;
      merge =
        location: values:
        if builtins.all builtins.isList values then builtins.concatLists values else equal location values;
    };
    enum =
      allowed:
      simple "one of ${builtins.concatStringsSep ", " (map builtins.toJSON allowed)}" (
        value: builtins.elem value allowed
      );
    addCheck = type: check: type // { check = value: type.check value && check value; };
    nullOr =
      type:
      type
      // {
        name = "null or ${described type}";
        check = value: value == null || type.check value;
        merge =
          location: values:
          if builtins.all (value: value == null) values then null else mergeType location type values;
      };
    either = one: other: {
      name = "${described one} or ${described other}";
      # nixpkgs has none here.
      getSubOptions = location: subOptions location one // subOptions location other;
      check = value: one.check value || other.check value;
      merge =
        location: values:
        if builtins.all one.check values then
          one.merge location values
        else if builtins.all other.check values then
          other.merge location values
        else
          equal location values;
    };
    oneOf = all: builtins.foldl' types.either (builtins.head all) (builtins.tail all);
    listOf = type: {
      name = "list of ${grouped type}";
      check = builtins.isList;
      getSubOptions = location: subOptions (location ++ [ "*" ]) type;
      merge =
        location: values:
        map (value: mergeType location type [ value ]) (
          builtins.concatMap (value: effective [ value ]) (builtins.concatLists values)
        );
    };
    attrsOf = attrsOf { isLazy = false; };
    # An attribute that fails does not keep the others from their values.
    lazyAttrsOf = attrsOf { isLazy = true; };
    submodule = module: submodules [ module ];
  };

  attrsOf =
    { isLazy }:
    type: {
      name = "${if isLazy then "lazy attribute set" else "attribute set"} of ${grouped type}";
      element = type;
      getSubOptions = location: subOptions (location ++ [ "<name>" ]) type;
      check = builtins.isAttrs;
      merge =
        location: values:
        let
          sets = builtins.concatMap pushDown values;
          defined = builtins.mapAttrs (_name: effective) (
            builtins.zipAttrsWith (_name: found: found) sets
          );
          some = lib.filterAttrs (_name: found: found != [ ]) defined;
        in
        builtins.mapAttrs (name: mergeType (location ++ [ name ]) type) (
          if isLazy then defined else some
        );
    };

  submodules = modules: {
    name = "submodule";
    inherit modules;
    getSubOptions =
      location:
      (evaluate location {
        inherit modules;
        specialArgs.name = "<name>";
      }).options;
    check = value: builtins.isAttrs value || builtins.isFunction value;
    merge =
      location: values:
      (evaluate location {
        modules = modules ++ values;
        specialArgs.name = builtins.elemAt location (builtins.length location - 1);
      }).config;
  };

  # The type of an option that several modules declare.
  both =
    location: one: other:
    if one ? element && other ? element then
      types.attrsOf (both location one.element other.element)
    else if one ? modules && other ? modules then
      submodules (one.modules ++ other.modules)
    else
      throw "The option `${shown location}' is declared twice";

  # All modules below one, each as { key, options, config }. A file has a key, by which it counts once.
  collect =
    arguments: module:
    let
      isPath = builtins.typeOf module == "path" || builtins.isString module;
      read = if isPath then import module else module;
      found = if builtins.isFunction read then read arguments else read;
      short = removeAttrs found [
        "imports"
        "options"
        "_module"
      ];
    in
    builtins.concatMap (collect arguments) (found.imports or [ ])
    ++ [
      {
        key = if isPath then toString module else null;
        options = found.options or { };
        config = if found ? config || found ? options then found.config or { } else short;
      }
    ];

  evaluate =
    prefix:
    {
      modules,
      specialArgs ? { },
    }:
    let
      arguments = specialArgs // {
        inherit (result) config options;
        lib = final;
      };
      found = builtins.concatMap (collect arguments) modules;
      keys = map (one: one.key) found;
      # The first of each file.
      all = builtins.filter (one: one != null) (
        lib.imap0 (
          n: one: if one.key == null || !builtins.elem one.key (take n keys) then one else null
        ) found
      );
      take = count: list: builtins.genList (builtins.elemAt list) count;
      result = tree prefix (map (one: one.options) all) (
        builtins.concatMap (one: pushDown one.config) all
      );
    in
    # As nixpkgs checks it: whatever is asked of the configuration, each definition needs its option.
    # Modules themselves read what is not checked.
    result
    // {
      config =
        if result.unknown != [ ] then
          throw "The option `${shown (builtins.head result.unknown)}' does not exist."
        else
          result.config;
    };

  tree =
    location: declared: defined:
    let
      options = builtins.zipAttrsWith (name: found: one (location ++ [ name ]) name found) declared;
      one =
        here: name: found:
        let
          given = builtins.concatMap (set: if set ? ${name} then [ set.${name} ] else [ ]) defined;
        in
        if builtins.any (is "option") found then
          leaf here found given
        else
          tree here found (builtins.concatMap pushDown given);
      unknown = builtins.filter (name: !options ? ${name}) (
        builtins.concatMap builtins.attrNames defined
      );
    in
    {
      # What is declared does not depend on what is defined.
      options = builtins.mapAttrs (_name: found: found.options) options;
      config = builtins.mapAttrs (_name: found: found.config) options;
      unknown =
        map (name: location ++ [ name ]) unknown
        ++ builtins.concatMap (found: found.unknown) (builtins.attrValues options);
    };

  leaf =
    here: declarations: given:
    let
      merged = builtins.foldl' (one: other: one // other) { } declarations;
      declaredTypes = map (declaration: declaration.type) declarations;
      type = builtins.foldl' (both here) (builtins.head declaredTypes) (builtins.tail declaredTypes);
      values = effective (
        given ++ lib.optional (merged ? default) (constructors.mkOverride 1500 merged.default)
      );
      value =
        if values == [ ] && type ? element then
          { }
        else if values == [ ] then
          throw "The option `${shown here}' was accessed but has no value defined."
        else if merged.readOnly or false && builtins.length given > (if merged ? default then 0 else 1) then
          throw "The option `${shown here}' is read-only, but it's set multiple times."
        else
          mergeType here type values;
    in
    {
      config = (merged.apply or (final: final)) value;
      options = merged // {
        inherit type;
        loc = here;
      };
      # The type refuses what it does not know.
      unknown = [ ];
    };

  final =
    lib
    // constructors
    // {
      inherit types;
      evalModules = evaluate [ ];
    };
in
final
