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
        "image": "iax9sawgvhaa40fcs5ryifjikj3wfaig",
        "archive": "rq7dnn2s7z3g1sqwci7yy99fakyn2wx8",
        "stream": "6if8d481wi1d0894b5xnwn76fddcq05j",
    },
    "explicit": {
        "image": "1aa4ri3vqm9xksz9lc8ian8xxrxharai",
        "archive": "jvrl2887cfsj9n58n740rfrg88j72ms8",
        "stream": "vg6cdbdcabrmpys3yayqidipk2npsz69",
    },
    "long": {
        "image": "7czw8j7fk1yc8mbbsmkhvs9571k3b0rb",
        "archive": "gnjwpfp7l6s8jnimvk135spc480dfl81",
        "stream": "75aypd95bf1i2mna6i13gcw6n4iqxmzw",
    },
    "redis": {
        "image": "58n95d5lqkcz43y72kb61zkjnisc1cym",
        "archive": "42a8hdcv2yiibl09xijhc3qbw573x7bp",
        "stream": "35s9rzmbm9bb10b25a23spscawywks98",
    },
    "redis-arm64": {
        "image": "xnzg127crn2i9iyf26ljd10v8p7qvn0g",
        "archive": "kavkx81b8ax98hmszgxjv24xgjl02qqg",
        "stream": "if9jcyjh969jj025r7v96mi38iva2nby",
    },
    "renamed": {
        "image": "ix8dykzy6k8xy29155i284nm2nr75xjw",
        "archive": "dhlbz0nmpydwxbl60vawngcjdd0gcls7",
        "stream": "b9x966ykqz2q918savg2hsb06hcqvzii",
    },
    "web": {
        "image": "f3a8wc4q1izyk1jmy1y1ima8nqldahm0",
        "archive": "zx3r7ll4wws42x9iqfr9lqcfhn8vfqq8",
        "stream": "33vc9asbzs72kw4g408z4xj5aziwk2dk",
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
