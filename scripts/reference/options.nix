/**
  The options that this project's modules declare, as documents: those of a configuration with the
  modules, less those of one without. What stands for NixOS and for Home Manager is that of the tests.

  Type: { isHome ? false } -> [ { name, description, type, … } ]
*/
{
  # Whether they are those of Home Manager, and not of NixOS.
  isHome ? false,
}:

let
  lib = import ../../tests/nix/host-lib.nix;
  modules = if isHome then ../../nix/home/quadlet.nix else ../../nix/nixos/quadlet.nix;
  optionsWith =
    modules: (import ../../tests/nix/declared.nix { inherit isHome modules; }).options;

  # All options below a set; also those of the elements of an option.
  below =
    options:
    lib.concatMap (
      value:
      if value._type or null == "option" then
        [ value ] ++ below ((value.type.getSubOptions or (_location: { })) value.loc)
      else
        below value
    ) (lib.attrValues options);
  byName =
    modules:
    lib.listToAttrs (
      map (option: lib.nameValuePair (lib.concatStringsSep "." option.loc) option) (
        below (optionsWith modules)
      )
    );

  own = byName [ modules ];
  others = byName [ ];

  # As in the language: a text that is not an expression is a string.
  shown = value: if value._type or null == "literalExpression" then value.text else builtins.toJSON value;
  document =
    name:
    let
      option = own.${name};
    in
    {
      inherit name;
      inherit (option) description;
      type = option.type.description or option.type.name;
      readOnly = option.readOnly or false;
    }
    // (
      if option ? defaultText then
        { default = shown option.defaultText; }
      else
        lib.optionalAttrs (option ? default) { default = shown option.default; }
    )
    // lib.optionalAttrs (option ? example) { example = shown option.example; };
in
map document (
  builtins.filter (name: !(own.${name}.internal or false)) (
    lib.attrNames (removeAttrs own (lib.attrNames others))
  )
)
