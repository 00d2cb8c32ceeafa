"""Images in Nix files, by what stands where in them: `images` has all of them.

`containers` are declared by the modules of `options`; `pulls` are calls that pull an image, of
which `manifest_file` reads those that are pinned by a file; `others` look like images, `texts` are
files of other kinds, and `commands` start images. `modules` are files that a file imports, of
which `unnamed` tells those with images.
"""
