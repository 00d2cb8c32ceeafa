"""Registries over HTTP: the one room that opens connections.

Its face:

- `client`: `connect` and the `Client`, for the library and the commands about one image;
- `registries`: manifests, blobs and tags from a registry or its mirrors;
- `download`: a blob on its way into a file, and the `Sink` protocol of such files;
- `exchange`: a request and its answer, and the `Piece` that bodies come in;
- `offers`: the images below an index, and the `Source` protocol of places to read them from;
- `attachments`: what an endpoint has beside an image, such as signatures;
- `traffic`: the number of requests and bytes.

`attachments` asks for the `referrers` of an image; lists have pages, whose `links` name the next.

A request goes from `registries` by `retry` to a function of `manifests`, `heads`, `blobs` or
`tags`, which asks a `repository` at one endpoint. Its `session` authenticates by `auth` and follows
redirects; the `transport` has it sent straight to the host by `lean`, or by a proxy by `pooled`,
which is httpx. Both go over a `wire`, whose `pace` bounds the time of every answer; the `distance`
of a host says how many may be under way. What failed is put into words by `failures`, and what a
404 means by `missing`.

The rooms archives, signatures, lockfile, nix, imports and cli may import it.
"""
