"""The files of layers, and the image stores that engines mount them from.

A layer's tar is read as podman unpacks it, and written again as a tar from which mkfs.erofs makes
the same files. Nothing is unpacked: the entries pass by, and their names are kept.

Face: `unpacked` for a layer; `image_store` for the read-only store of several images. The room
`cli` alone may import it.
"""
