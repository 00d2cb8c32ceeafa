/**
  What the URL of a registry, as docker2nix wrote it, says: the host under which images are known,
  and how to reach it, as in the [registries] of images.toml.

  Type: string -> { host, registries }
*/
url:

let
  parts = builtins.match "(https?)://([^/]+)(/v2)?/?" url;
  named = builtins.elemAt parts 1;
  # Docker Hub's images have another host in their names than in their URLs.
  host = if named == "registry-1.docker.io" then "docker.io" else named;
in
if parts == null then
  throw "'${url}' is not the URL of a registry; write it as https://registry-1.docker.io/v2/"
else
  {
    inherit host;
    registries.${host}.plain-http = builtins.head parts == "http";
  }
