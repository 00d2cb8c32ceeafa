/**
  The host and the settings in the URL of a registry, as docker2nix wrote it: `host` is the one in
  the names of images, `registries` says how to reach it, as in the [registries] of images.toml.

  Type: { lib } -> string -> { host, registries }
*/
{ lib }:

url:

let
  text = import ../lib/text.nix { inherit lib; };
  parts = builtins.match "(https?)://([^/]+)(/v2)?/?" url;
  urlHost = builtins.elemAt parts 1;
  # Images of Docker Hub have another host in their names than in their URLs.
  host = if urlHost == "registry-1.docker.io" then "docker.io" else urlHost;
in
if text.hasLogin url then
  throw "the URL of a registry has no login; log in with docker login or podman login"
else if parts == null then
  throw "'${url}' is not the URL of a registry; write it as https://registry-1.docker.io/v2/"
else
  {
    inherit host;
    registries.${host}.plain-http = builtins.head parts == "http";
  }
