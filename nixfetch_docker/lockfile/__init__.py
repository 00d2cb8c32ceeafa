"""The lockfile room: images.toml, its lock, and all that changes them.

Its face:

- `project`: the two files on disk, read, and replaced whole;
- `images` and `lock`: the contents of each, with its format; `image_name`: a name in them;
  `images_schema`: the keys of images.toml as values, for `images_faults`, which lists all faults,
  and for the schema that `schema_line` names to editors;
- `place` and `sources`: where an image is, a registry or a file, and one way to read from either;
- `tag_matching`: the versions that a `tag-pattern` finds in tags;
- `demands`: who must have signed an image, also by the `machine_policy`; `vouching`: whether that
  is so, by the record of the lock or by signatures; `vouchers`: that record;
- `resolve`: the pin of one request; `update`: the pins of many, several at once by `jobs`;
  `change`, `report` and `commit` for what becomes of them, with `commit_message` and `pull_request`
  for the words;
- `addition`, `edit`, `contents`, `presence`, `origin`: the work of `add`, of `remove` and `freeze`,
  of `show` and `check`;
- `sharing`: the layers that images share, for the bars of `show`; `before_after`: the layers of an
  image before and after an update;
- `explanation`: the work of `why`; `history`: the locks that git has; `since`: what changed since a
  revision of it, for `diff`; `audit`: the work of `verify`;
- `search`: the nearest images.toml, here or above;
- `selection`, `locked_blobs` and `blob_label`: the images that a command is about, their blobs, and
  what people call those.

The rooms page, nix, imports and cli may import it.
"""
