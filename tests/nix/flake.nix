{
  description = "A nixpkgs made of this machine's own tools, to override the real one with";

  # As nixpkgs' own flake.nix. The package set of a system that nixpkgs has dropped throws.
  outputs =
    { self }:
    {
      lib = import ./host-lib.nix;
      legacyPackages = self.lib.genAttrs (self.lib.systems.flakeExposed ++ [ "x86_64-darwin" ]) (
        system: import ./host-nixpkgs.nix { inherit system; }
      );
    };
}
