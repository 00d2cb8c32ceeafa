{
  description = "A nixpkgs made of this machine's own tools, to override the real one with";

  # As nixpkgs' own flake.nix. The package set of a system that nixpkgs has dropped throws.
  outputs =
    { self }:
    {
      lib = import ./host-lib.nix // {
        # nixos/lib/eval-config.nix
        nixosSystem =
          { system, modules }:
          import ./host-nixos.nix self.legacyPackages.${system} { imports = modules; };
      };
      legacyPackages = self.lib.genAttrs (self.lib.systems.flakeExposed ++ [ "x86_64-darwin" ]) (
        system: import ./host-nixpkgs.nix { inherit system; }
      );
    };
}
