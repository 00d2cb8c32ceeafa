"""Signatures of images: who vouches for which digest.

Its face:

- `public_key`: a key in PEM, and whether it made a signature;
- `signer`: `KeySigner` and `Requirement`, what a person demands of an image;
- `voucher`: who vouched for which digest, as the lock records it;
- `verification`: `verify`, which demands it of an image in its registry, and `NotSigned`;
- `found` and `signature`: the signatures that stand beside an image.

`found` reads cosign's tag and the referrers of an image, `bundle` takes sigstore's bundles apart,
and `claim` reads what a signed text says. Nothing in a signature is believed before its `signer`
has verified it. The library cryptography is imported where a signature is checked, and nowhere
else.

The rooms lockfile and cli may import it.
"""
