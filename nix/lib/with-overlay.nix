/**
  A package set with this project's overlay: the given one, where it has the overlay already.

  Type: package set -> package set
*/
pkgs: if pkgs ? fetchDockerImages then pkgs else pkgs.extend (import ../../overlays)
