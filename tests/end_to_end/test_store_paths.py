"""Store paths are the same in every version: an update of this project fetches nothing again.

They are compared with those of earlier versions, for a package set whose builders are constants: a
store path then depends on nothing but the Nix code here.
"""

from __future__ import annotations

from pathlib import Path

from support.nix import REPOSITORY, evaluate

from nixfetch_docker.lockfile.lock import Lock

LOCKED = REPOSITORY / "tests/nix/locked"

# The hash in a store path, which covers the name too. tests/nix/store-paths.nix makes the images.
IMAGE_HASHES = {
    "docker2nix": {
        "image": "dw65536hfx27jik7i4245dxahp1s5ym7",
        "archive": "ipzxbrgb50cwc5wyb3qdsylgs473dzmi",
        "stream": "jz19piwajwg9vmc2dz8rva7n7df9xpnh",
    },
    "explicit": {
        "image": "ad4g1jhw66x2fcj0h2ms9jjmvfyizxz4",
        "archive": "mjxal7xxw3c45apbsk7768kgcljnhcrh",
        "stream": "l6fksb7q63a55k42rk9badsj7mc5npqf",
    },
    "long": {
        "image": "2nxws179ddf0lh026pf34mcdf7378kk2",
        "archive": "16facpmldjs92naz84905fp2f80g5haa",
        "stream": "naw4cvwyrpl7vyjp8ka2iq065b2bcq66",
    },
    "redis": {
        "image": "59zl9ac7nzwjy6p4qxbrj62wsf59jmwl",
        "archive": "70c6wqz8kvik2a6y9xw67vdf3l7zvi9j",
        "stream": "5vl9jv1vd6j65nfmr98xlm194spi58mi",
    },
    "redis-arm64": {
        "image": "6ip9psrhr7xpykw1sgml7lw12fx47ggd",
        "archive": "wskrj292kmxj8hwwrcwjq7caq10a4iqm",
        "stream": "4avp6gqy0hf54d0y6wngyyh326rggng6",
    },
    "renamed": {
        "image": "3wycfw5nz2h3kaw6qs4xbba6nrsy7h0h",
        "archive": "5x00yzkqyzp5f3knhv6cw5pgy0cggqqf",
        "stream": "js9qr6kg0mh2zlgxhdsl0kczxqzgff5f",
    },
    "web": {
        "image": "1p01i2x2bbknwhr1v660lnkd7v4nr8yy",
        "archive": "9368y3g6ivc5ixmxavb3j6xcdjw0znxg",
        "stream": "4ab8ycyfd20123jr30i0w84bzx9q2axp",
    },
}
SHA256_HASHES = {
    "0": "mjfvli368a0a8p6jgf8729fvzyagyg5g",
    "1": "wwvmxsgjarm09hwrkrfapmcp68zp3g49",
    "2": "h9qqyxk5xmv0wf7r0sfm2gvxwcyd0fcw",
    "3": "q0hir00cfrqns55m7zhkg0qf3xhjh81i",
    "6": "8fp4ynv24gwwnwkwszp0kq82z9yv0mxp",
    "7": "rvlj69p4sq5r90mqmmlmx7pl997hk4gq",
    "8": "n1l27c3nxfn0fb6nv713qr98w4gjag0n",
    "9": "kxy5abjplsj8diidraywbzzvwcw74l0j",
    "a": "gc3605am3as709gnmcrziv3x3dvixi7l",
    "b": "7vaifxm4xla17iv7aniyx7yzbyar70gb",
    "c": "i6v7h3ijjycz2ps2rrl08gcxbdm41p1m",
    "d": "5drnc06f9cjz65gs3j9qqdhirms8ccpz",
    "e": "v4vh3zw462pa95cl1d1j0fzvsgkn8y2s",
    "f": "4gb9jmycbzq2gaiwab5f8jcdhvfw75ph",
}
SHA512_HASH = "q47ychy6ma7sh1fnigw15j0bllags8ps"


def test_images_and_blobs_have_the_store_paths_of_earlier_versions() -> None:
    made = evaluate(
        f"import {REPOSITORY}/tests/nix/store-paths.nix {{ file = {LOCKED}/images.toml; }}"
    )
    images = {
        name: {form: _hash(path) for form, path in forms.items()}
        for name, forms in made["images"].items()
    }
    assert images == IMAGE_HASHES
    assert sorted(made["blobs"]) == sorted(
        [
            f"/nix/store/{SHA512_HASH}-sha512-{'3' * 128}",
            *(f"/nix/store/{one}-sha256-{digit * 64}" for digit, one in SHA256_HASHES.items()),
        ]
    )


def test_the_lock_has_the_form_that_update_writes() -> None:
    text = (LOCKED / "images.lock.toml").read_text()
    assert Lock.parse(text).to_toml() == text


def _hash(path: str) -> str:
    return Path(path).name.partition("-")[0]
