"""The files of layers, and the image stores that engines mount them from.

A layer's tar is read as podman unpacks it, and written again as a tar from which mkfs.erofs makes
the same files. Nothing is unpacked: the entries pass by, and their names are kept.

Face: `unpacked` for a layer; `image_store` for the read-only store of several images, whose layers
are each a `stored_layer`.

`tar_reader` makes an `entry` of each `header`, with its `pax` records and its `sparse` content, out
of a `stream`. `tree` knows what the layer has unpacked so far, and `path` the names in it.
`tar_writer` writes headers for mkfs.erofs.

The room `cli` alone may import it.
"""
