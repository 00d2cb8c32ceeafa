"""The page that `show --html` writes: the locked images as a picture, and what is known of each.

It is one file that loads nothing. What a stranger wrote is text in it, by `base/markup`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..base import units
from ..base.markup import Markup, element, joined, link
from ..base.values import dataclass
from ..lockfile.contents import Contents, Entry, state_of
from ..lockfile.images import Images
from ..lockfile.lock import Lock, LockedImage
from ..lockfile.sharing import Sharing
from ..lockfile.since import Since
from ..oci.labels import Origin
from ..oci.platform import Platform
from .bars import SHOWN_NAMES, colour, image_bar, legend, swatch
from .changes import changes
from .style import POLICY, STYLE

_HEADS = ("", "", "digest", "size", "also in")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What the page shows: the images with these `names`, of all in `images` and `lock`.

    `path` is that of images.toml. `origins` are the sources by the names of images, None for one
    whose config is not at hand. `since` are the changes to show, if any are asked for.
    """

    path: str
    names: Sequence[str]
    images: Images
    lock: Lock
    origins: Mapping[str, Origin | None]
    since: Since | None = None

    @property
    def text(self) -> str:
        """The page as HTML."""
        contents = Contents(self.lock)
        by_name: dict[str, list[Entry]] = {name: [] for name in self.names}
        for entry in contents.entries:
            if entry.name in by_name:
                by_name[entry.name].append(entry)
        sharing: dict[Platform, Sharing] = {}
        for platform in contents.platforms:
            entries = [one for one in contents.entries if one.platform == platform]
            shown = (one for one in entries if one.name in by_name)
            sharing[platform] = Sharing(entries, shown=shown)
        body = joined(
            element("h1", None, "Images"),
            element(
                "p", {"class": "soft"}, f"{self.path}: {units.count(len(self.names), 'image')}"
            ),
            changes(self.since) if self.since is not None else "",
            *(
                _platform(contents, sharing[platform], platform, by_name)
                for platform in contents.platforms
            ),
            element("h2", None, "What was asked, and what is locked"),
            *(self._card(contents, sharing, name, entries) for name, entries in by_name.items()),
        )
        return f"<!doctype html>\n{_document(f'Images of {self.path}', body)}\n"

    def _card(
        self,
        contents: Contents,
        sharing: Mapping[Platform, Sharing],
        name: str,
        entries: Sequence[Entry],
    ) -> Markup:
        """An image: what was asked, what is locked, where it is from, and its layers."""
        state = state_of(name, self.images, self.lock)
        request = self.images.requests.get(name)
        rows = []
        if request is not None:
            lines = (element("code", None, f"{key} = {value}") for key, value in request.entries)
            rows.append(("asked", joined(*lines)))
        if entries:
            image = entries[0].image
            locked = f"{image.place}:{image.tag}" if image.tag is not None else str(image.place)
            rows += [
                ("locked", element("code", None, locked)),
                ("digest", element("code", None, str(image.digest))),
                *_signed(image),
                ("source", _source(self.origins.get(name))),
            ]
        return element(
            "section",
            {"class": "card"},
            element("h3", None, name),
            element("p", {"class": "state"}, f"It {state}.") if state else "",
            _list(rows),
            *(_layers(contents, sharing[entry.platform], entry) for entry in entries),
        )


def _signed(image: LockedImage) -> Iterator[tuple[str, Markup]]:
    """A row with those who signed, by the record of the lock."""
    signers = dict.fromkeys(map(str, image.vouchers))
    if signers:
        yield "signed by", joined(*(element("code", None, one) for one in signers))


def _document(title: str, body: Markup) -> Markup:
    return element(
        "html",
        {"lang": "en"},
        element(
            "head",
            None,
            element("meta", {"charset": "utf-8"}),
            element("meta", {"http-equiv": "Content-Security-Policy", "content": POLICY}),
            element("meta", {"name": "referrer", "content": "no-referrer"}),
            element("meta", {"name": "viewport", "content": "width=device-width"}),
            element("meta", {"name": "color-scheme", "content": "light dark"}),
            element("title", None, title),
            element("style", None, Markup(STYLE)),
        ),
        element("body", None, body),
    )


def _platform(
    contents: Contents,
    sharing: Sharing,
    platform: Platform,
    by_name: Mapping[str, Sequence[Entry]],
) -> Markup:
    """The bars of the images for a platform, to one scale, and what their colours mean."""
    entries = [one for those in by_name.values() for one in those if one.platform == platform]
    if not entries:
        return Markup()
    whole = max(sum(layer.size for layer in set(entry.locked.layers)) for entry in entries)
    total = sum(entry.size for entry in entries)
    stored = sum(blob.size for blob in {blob for one in entries for blob in one.locked.blobs()})
    return joined(
        element("h2", None, str(platform)),
        element(
            "p",
            {"class": "soft"},
            f"{units.count(len(entries), 'image')}, {units.size(total)}; "
            f"{units.size(stored)} with shared layers once",
        ),
        *(_row(contents, sharing, entry, whole) for entry in entries),
        legend(sharing.groups),
    )


def _row(contents: Contents, sharing: Sharing, entry: Entry, whole: int) -> Markup:
    shared = contents.shared_size(entry)
    sizes = f"{units.size(entry.size)}, {units.size(shared)} of it shared"
    return element(
        "div",
        {"class": "row"},
        element("div", {"class": "label"}, entry.name, element("span", {"class": "soft"}, sizes)),
        image_bar(contents, sharing, entry, whole=whole),
    )


def _list(rows: Sequence[tuple[str, Markup]]) -> Markup:
    items = (joined(element("dt", None, name), element("dd", None, value)) for name, value in rows)
    return element("dl", None, *items)


def _source(origin: Origin | None) -> Markup:
    """The source as the image's labels say it; the URL alone is a link."""
    if origin is None:
        return joined("not known, as the config is not in the Nix store")
    if origin.left_out and not origin.text:
        return joined("not shown, as its labels are no URL, revision or date")
    # Behind the URL stands " at REVISION" or ", of DATE".
    url, _, rest = origin.text.partition(" ")
    url = url.removesuffix(",") if rest.startswith("of ") else url
    return joined(link(url), origin.text.removeprefix(url) if url else "the image does not say")


def _layers(contents: Contents, sharing: Sharing, entry: Entry) -> Markup:
    """The layers of an image for one platform, folded away."""
    head = element("tr", None, *(element("th", None, one) for one in _HEADS))
    rows = (_layer(sharing, entry, number) for number in range(len(entry.locked.layers)))
    whole = sum(layer.size for layer in set(entry.locked.layers))
    layers = units.count(len(entry.locked.layers), "layer")
    return element(
        "details",
        None,
        element("summary", None, f"{entry.platform}: {layers}, {units.size(entry.size)}"),
        image_bar(contents, sharing, entry, whole=whole),
        _list(
            [
                ("manifest", element("code", None, str(entry.locked.manifest.digest))),
                ("config", element("code", None, str(entry.locked.config.digest))),
            ]
        ),
        element("table", None, head, *rows),
    )


def _layer(sharing: Sharing, entry: Entry, number: int) -> Markup:
    """A row of the table: a layer with its colour, and the images that have it too."""
    layer = entry.locked.layers[number]
    group = sharing.group(layer)
    others = [name for name in group.names if name != entry.name] if group is not None else []
    return element(
        "tr",
        None,
        element("td", None, swatch(colour(group), group.sign if group is not None else "")),
        element("td", None, str(number + 1)),
        element("td", None, element("code", None, layer.digest.short)),
        element("td", {"class": "number"}, units.size(layer.size)),
        element("td", None, units.first(others, SHOWN_NAMES)),
    )
