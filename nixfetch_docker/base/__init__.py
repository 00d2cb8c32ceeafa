"""Helpers that know nothing of images: every other room may import them.

- `files`: files that are replaced whole, and locks on directories; `parts`: those not whole yet,
  also of killed runs.
- `nearest`: the known word that a misspelt one is like.
- `table`, `toml`, `toml_writer`, `strict_json`: typed values with dotted paths, read and written;
  `letter_case`: the keys that Go takes for one, and texts in lower case.
- `nix_toml`: TOML as Nix reads it; `toml_spans`, `toml_places`: the places of keys and values in
  a text; `excerpt`: a line of it in a message.
- `schema`: the shape of a document, and all faults of one; `toml_mending`: those of its syntax.
- `redact`, `accident`: foreign text, and errors that no module foresees, made fit for a message;
  `printable`: for a terminal, a log and a CI; `markdown`: for a pull request.
- `request_line`: requests in messages, with and without their URLs; `faults`: errors in short, and
  those of several images told once.
- `userinfo`: the logins in texts that name registries.
- `echo`, `escapes`: secrets that a server repeats, struck out in every encoding.
- `regex`: regular expressions that are compiled when they are first used; `values`: dataclasses
  that are quick to define.
- `bars`: the parts of a whole as columns of text; `markup`: HTML in which every text is escaped.
- `dates`: dates of RFC 3339 in foreign documents.
- `gzip`, `units`: streams, and numbers in words; `waits`: how often those for threads look up.

It imports errors alone.
"""
