# What else the machine is: import its hardware-configuration.nix and configuration.nix here.
{
  # Until then it is a container, which needs no disk and no boot loader.
  boot.isContainer = true;

  # The release of NixOS that the machine was first installed with.
  system.stateVersion = "25.11";
}
