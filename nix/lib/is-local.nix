/**
  Whether a reference names an image in a file: `oci:./web`. It may have an "@" in its path, but not in a
  URL with a host, `oci://ann:password@host`.

  Type: string -> bool
*/
reference:

builtins.stringLength reference <= 1000
&& builtins.match "(oci|docker-archive):[./].*" reference != null
&& builtins.match "[a-z-]+://[^/].*(@|%40).*" reference == null
