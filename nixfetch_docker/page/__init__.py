"""The page of `show --html`: the locked images as a picture, with what changed since a revision.

Its face is `page`. It is made of `bars`, inline SVG of the layers, of `changes`, and of a `style`
for light and dark, narrow and wide. All foreign text in it passes through `base/markup`.

The room cli may import it.
"""
