"""The choice of the newest tag that is wanted: versions in tags, and constraints on them.

No I/O: tags and constraints are texts, and a choice is a tag.

- `follow`: the keys of images.toml for the tag to follow, and the choice itself.
- `constraint`: the versions that are wanted.
- `minimum_age`: the age from which on an image is followed.
- `passed_by`: the newer tags that are not followed, each with the reason.
- `tag_pattern`: regular expressions for tags that no common scheme covers.
- `version`: tags as versions, and their order.

The rooms lockfile/ and registry/ use it; it uses base/ and errors.
"""
