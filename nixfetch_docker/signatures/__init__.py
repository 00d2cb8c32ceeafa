"""Signatures of images: who vouches for which digest.

Its face:

- `public_key`: a key in PEM, and whether it made a signature;
- `signer`: `KeySigner` and `Requirement`, what a person demands of an image;
- `identity_signer`: `IdentitySigner`, who keeps no key. `keyless` verifies it by the library
  sigstore, with `promised_bundle` and `certificate`, and by the file of a `trusted_root`;
- `voucher`: who vouched for which digest, as the lock records it;
- `verification`: `verify`, which demands it of an image in its registry, and `NotSigned`;
- `policy_file`: what the policy.json of this machine, which podman and skopeo obey, demands;
- `found` and `signature`: the signatures that stand beside an image;
- `beside`: all that stands there; `attestation` and `predicate`: what one of it says, and
  `attested`: the one that is asked for.

`finder` reads cosign's tag and the referrers of an image, `bundle` takes sigstore's bundles apart,
and `claim` reads what a signed text says. `policy` reads a policy.json, with `policy_requirement`,
`signed_identity` and `strict_object`. Why a signature does not count, `rejected` says. Nothing in a
signature is believed before its `signer` has verified it. The libraries cryptography, PyNaCl and
sigstore are imported where a signature is checked, and nowhere else.

The rooms lockfile and cli may import it.
"""
