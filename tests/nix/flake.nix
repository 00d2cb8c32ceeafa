{
  description = "A nixpkgs made of this machine's own tools, to override the real one with";

  outputs =
    { self }:
    {
      lib = import ./host-lib.nix;
      legacyPackages = self.lib.genAttrs [
        "x86_64-linux"
        "aarch64-linux"
      ] (system: import ./host-nixpkgs.nix { inherit system; });
    };
}
