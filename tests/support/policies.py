"""Texts of policy.json, for which containers/image and nixfetch-docker must say the same."""

from __future__ import annotations

import base64
import json
from typing import Any

ACCEPT = [{"type": "insecureAcceptAnything"}]
REJECT = [{"type": "reject"}]
KEY = base64.b64encode(b"a key").decode()


def sigstore(**fields: Any) -> dict[str, Any]:
    """A `sigstoreSigned` with these fields."""
    return {"type": "sigstoreSigned", **fields}


def identity(type_: str, **fields: Any) -> dict[str, Any]:
    """A `sigstoreSigned` by one key, with this rule for names."""
    return sigstore(keyData=KEY, signedIdentity={"type": type_, **fields})


def _text(requirement: dict[str, Any]) -> str:
    return json.dumps(
        {"default": ACCEPT, "transports": {"docker": {"elsewhere.example": [requirement]}}}
    )


# Files that containers/image reads, by a name for the test.
VALID = {
    "a default alone": json.dumps({"default": ACCEPT}),
    "no transport": json.dumps({"default": ACCEPT, "transports": {}}),
    "no scope": json.dumps({"default": ACCEPT, "transports": {"docker": {}}}),
    "an unknown transport": json.dumps({"default": ACCEPT, "transports": {"x": {"y": REJECT}}}),
    "any scope of docker": json.dumps(
        {"default": ACCEPT, "transports": {"docker": {"no host/NO": REJECT, "a*b.*": REJECT}}}
    ),
    "a path": json.dumps({"default": ACCEPT, "transports": {"oci": {"/srv": REJECT}}}),
    "several": json.dumps({"default": [*ACCEPT, *ACCEPT]}),
    "of Debian": json.dumps(
        {
            "default": ACCEPT,
            "transports": {"docker-daemon": {"": ACCEPT}, "containers-storage": {"": ACCEPT}},
        }
    ),
    "of Fedora": _text({"type": "signedBy", "keyType": "GPGKeys", "keyPath": "/etc/pki/rpm-gpg/K"}),
    "signedBy with data": _text({"type": "signedBy", "keyType": "GPGKeys", "keyData": KEY}),
    "an identity of signedBy": _text(
        {
            "type": "signedBy",
            "keyType": "signedByX509CAs",
            "keyPath": "/k",
            "signedIdentity": {"type": "matchExact"},
        }
    ),
    "a base layer": _text(
        {"type": "signedBaseLayer", "baseLayerIdentity": {"type": "matchRepository"}}
    ),
    "a key": _text(sigstore(keyPath="/k")),
    "data of a key": _text(sigstore(keyData=KEY)),
    "data in lines": _text(sigstore(keyData=f"{KEY[:4]}\r\n{KEY[4:]}")),
    "no data": _text(sigstore(keyData="")),
    "an empty path beside data": _text(sigstore(keyData=KEY, keyPath="")),
    "a key and a log": _text(sigstore(keyPath="/k", rekorPublicKeyPath="/r")),
    "an empty path of a log": _text(sigstore(keyPath="/k", rekorPublicKeyPath="")),
    "data of a log": _text(sigstore(keyPath="/k", rekorPublicKeyData=KEY)),
    "a fulcio": _text(
        sigstore(
            fulcio={"caPath": "/c", "oidcIssuer": "i", "subjectEmail": "e"}, rekorPublicKeyPath="/r"
        )
    ),
    "a fulcio's data": _text(
        sigstore(
            fulcio={"caData": KEY, "oidcIssuer": "i", "subjectEmail": "e"}, rekorPublicKeyData=KEY
        )
    ),
    **{
        kind: _text(identity(kind))
        for kind in ("matchExact", "matchRepoDigestOrExact", "matchRepository")
    },
    "exactReference": _text(identity("exactReference", dockerReference="redis:7")),
    "exactRepository": _text(identity("exactRepository", dockerRepository="a.example/b:7")),
    "remapIdentity": _text(identity("remapIdentity", prefix="a.b:5/c", signedPrefix="busybox")),
    "a host remapped": _text(identity("remapIdentity", prefix="A.b-c:5", signedPrefix="A.B")),
}

# The same, for containers/image since 5.34, which Debian 12 has not.
VALID_SINCE_TRIXIE = {
    "keys": _text(sigstore(keyPaths=["/k", "/l"])),
    "an empty path among keys": _text(sigstore(keyPaths=[""])),
    "data of keys": _text(sigstore(keyDatas=[KEY, KEY])),
    "keys of a log": _text(sigstore(keyPath="/k", rekorPublicKeyPaths=["/r"])),
    "keys of signedBy": _text({"type": "signedBy", "keyType": "GPGKeys", "keyPaths": ["/k"]}),
    "a pki": _text(sigstore(pki={"caRootsPath": "/c", "subjectHostname": "h"})),
    "a pki's intermediates": _text(
        sigstore(pki={"caRootsData": KEY, "caIntermediatesPath": "/c", "subjectEmail": "e"})
    ),
}

_FULCIO = {"caPath": "/c", "oidcIssuer": "i", "subjectEmail": "e"}

# Files that containers/image refuses to read.
INVALID = {
    "nothing": "",
    "no object": "[]",
    "null": "null",
    "a comment": '{"default": [{"type": "reject"}]} // why',
    "two objects": '{"default": [{"type": "reject"}]} {}',
    "no default": json.dumps({"transports": {}}),
    "a default of null": '{"default": null}',
    "no requirement": json.dumps({"default": []}),
    "a requirement of null": '{"default": [null]}',
    "a requirement that is a text": '{"default": ["reject"]}',
    "a default that is no list": json.dumps({"default": ACCEPT[0]}),
    "an unknown key": json.dumps({"default": ACCEPT, "transport": {}}),
    "a key in capitals": '{"Default": [{"type": "reject"}]}',
    "a key twice": '{"default": [{"type": "reject"}], "default": [{"type": "reject"}]}',
    "transports of null": '{"default": [{"type": "reject"}], "transports": null}',
    "a transport of null": '{"default": [{"type": "reject"}], "transports": {"docker": null}}',
    "a transport twice": '{"default": [{"type": "reject"}], "transports": {"x": {}, "x": {}}}',
    "a scope of null": '{"default": [{"type": "reject"}], "transports": {"docker": {"a": null}}}',
    "a scope twice": (
        '{"default": [{"type": "reject"}], "transports": {"docker": '
        '{"a": [{"type": "reject"}], "a": [{"type": "reject"}]}}}'
    ),
    "a scope without requirements": json.dumps(
        {"default": ACCEPT, "transports": {"docker": {"a": []}}}
    ),
    "a scope of an archive": json.dumps(
        {"default": ACCEPT, "transports": {"docker-archive": {"/a": REJECT}}}
    ),
    **{
        f"the path {path}": json.dumps({"default": ACCEPT, "transports": {"oci": {path: REJECT}}})
        for path in ("srv", "/", "/srv/", "//srv", "/srv/../a", "/srv/./a")
    },
    "an unknown type": _text({"type": "rejects"}),
    "no type": _text({}),
    "a type of null": '{"default": [{"type": null}]}',
    "a type twice": '{"default": [{"type": "reject", "type": "reject"}]}',
    "a key beside reject": _text({"type": "reject", "why": "x"}),
    "no key": _text(sigstore()),
    "an empty path": _text(sigstore(keyPath="")),
    "a key of null": _text(sigstore(keyPath=None)),
    "data of null": _text(sigstore(keyData=None)),
    "a key that is a number": _text(sigstore(keyPath=1)),
    "a path and data": _text(sigstore(keyPath="/k", keyData=KEY)),
    "data that is not base64": _text(sigstore(keyData="a key")),
    "data with a blank": _text(sigstore(keyData=f"{KEY} ")),
    "data without its end": _text(sigstore(keyData=KEY.rstrip("="))),
    "no keys": _text(sigstore(keyPaths=[])),
    "keys of null": _text(sigstore(keyPaths=None)),
    "a key and keys": _text(sigstore(keyPath="/k", keyPaths=["/k"])),
    "no data of keys": _text(sigstore(keyDatas=[])),
    "an unknown key of sigstoreSigned": _text(sigstore(keyPath="/k", keypath="/k")),
    "two logs": _text(sigstore(keyPath="/k", rekorPublicKeyPath="/r", rekorPublicKeyData=KEY)),
    "no keys of a log": _text(sigstore(keyPath="/k", rekorPublicKeyPaths=[])),
    "a log's data that is not base64": _text(sigstore(keyPath="/k", rekorPublicKeyData="?")),
    "a fulcio without a log": _text(sigstore(fulcio=_FULCIO)),
    "a fulcio and a key": _text(sigstore(fulcio=_FULCIO, keyPath="/k", rekorPublicKeyPath="/r")),
    "a fulcio of null": _text(sigstore(fulcio=None, rekorPublicKeyPath="/r")),
    "a fulcio without a CA": _text(
        sigstore(fulcio={"oidcIssuer": "i", "subjectEmail": "e"}, rekorPublicKeyPath="/r")
    ),
    "a fulcio with two CAs": _text(
        sigstore(fulcio={**_FULCIO, "caData": KEY}, rekorPublicKeyPath="/r")
    ),
    "a fulcio without an issuer": _text(
        sigstore(fulcio={"caPath": "/c", "subjectEmail": "e"}, rekorPublicKeyPath="/r")
    ),
    "a fulcio with an empty mail": _text(
        sigstore(fulcio={**_FULCIO, "subjectEmail": ""}, rekorPublicKeyPath="/r")
    ),
    "an unknown key of a fulcio": _text(
        sigstore(fulcio={**_FULCIO, "ca": ""}, rekorPublicKeyPath="/r")
    ),
    "a pki without a subject": _text(sigstore(pki={"caRootsPath": "/c"})),
    "a pki without a root": _text(sigstore(pki={"subjectEmail": "e"})),
    "a pki with a log": _text(
        sigstore(pki={"caRootsPath": "/c", "subjectEmail": "e"}, rekorPublicKeyPath="/r")
    ),
    "no type of keys": _text({"type": "signedBy", "keyPath": "/k"}),
    "an unknown type of keys": _text({"type": "signedBy", "keyType": "gpg", "keyPath": "/k"}),
    "a signedBy without a key": _text({"type": "signedBy", "keyType": "GPGKeys"}),
    "a signedBy with an empty path": _text(
        {"type": "signedBy", "keyType": "GPGKeys", "keyPath": ""}
    ),
    "a signedBy with two keys": _text(
        {"type": "signedBy", "keyType": "GPGKeys", "keyPath": "/k", "keyData": KEY}
    ),
    "keyDatas of signedBy": _text({"type": "signedBy", "keyType": "GPGKeys", "keyDatas": [KEY]}),
    "a base layer without a rule": _text({"type": "signedBaseLayer"}),
    "an identity of null": _text(sigstore(keyPath="/k", signedIdentity=None)),
    "an identity that is a text": _text(sigstore(keyPath="/k", signedIdentity="matchExact")),
    "an unknown identity": _text(identity("matchRepo")),
    "a key beside matchExact": _text(identity("matchExact", dockerReference="redis:7")),
    "no reference": _text(identity("exactReference")),
    "a reference without a tag": _text(identity("exactReference", dockerReference="redis")),
    "a reference in capitals": _text(identity("exactReference", dockerReference="a.b/REDIS:7")),
    "no repository": _text(identity("exactRepository")),
    "an empty repository": _text(identity("exactRepository", dockerRepository="")),
    "a prefix alone": _text(identity("remapIdentity", prefix="a.b")),
    **{
        f"the prefix {prefix!r}": _text(
            identity("remapIdentity", prefix=prefix, signedPrefix="a.b")
        )
        for prefix in (
            "",
            "a.b/",
            "a.b/C",
            "a.b/c:7",
            "/a",
            "a__b/c",
            "https://a.b",
            "a.b:",
            "[::1]:5",
        )
    },
    "the signed prefix": _text(identity("remapIdentity", prefix="a.b", signedPrefix="a.b/")),
}
