"""The Nix language, read by a parser and found out as far as one file says it.

`lexer` makes tokens, `parser` the expressions of `syntax`. `evaluation` finds out their values, of
`value`, with `scopes` and the `functions` of nixpkgs' library. `file` has all of a file by paths.
Nothing here knows of images. ARCHITECTURE.md says which library was tried instead.
"""
