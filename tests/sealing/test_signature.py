"""Signatures of manifests and codes of links."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cxport.sealing.signature import mac, mac_matches, new_signing_key, public_of, sign, verify

_KEY, _OTHER = new_signing_key(), new_signing_key()


@given(st.binary(max_size=200))
def test_only_the_signed_data_verifies(data: bytes) -> None:
    """A signature holds for its data and its key, and for nothing else."""
    signature = sign(_KEY, data)

    assert verify(public_of(_KEY), data, signature)
    assert not verify(public_of(_KEY), data + b"x", signature)
    assert not verify(public_of(_OTHER), data, signature)
    assert not verify(public_of(_KEY), data, signature[::-1])


def test_what_is_no_signature_or_key_does_not_verify() -> None:
    """Whatever is given, the answer is no, not an error."""
    signature = sign(_KEY, b"data")

    assert not verify(public_of(_KEY), b"data", b"")
    assert not verify(public_of(_KEY), b"data", signature[:-1])
    assert not verify(b"", b"data", signature)
    assert not verify(b"x" * 33, b"data", signature)


def test_the_form_is_that_of_rfc_8032() -> None:
    """The RFC's first test vector gives the RFC's public key and signature (7.1, test 1)."""
    key = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")

    assert public_of(key).hex().startswith("d75a980182b10ab7d54bfed3c964073a")
    assert sign(key, b"").hex().startswith("e5564300c360ac729086e2cc806e828a")


@given(st.binary(max_size=100))
def test_a_code_matches_its_data_alone(data: bytes) -> None:
    """A link's code holds for its data and its key, whole."""
    code = mac(_KEY, data)

    assert len(code) == 32
    assert mac_matches(_KEY, data, code)
    assert not mac_matches(_KEY, data + b"x", code)
    assert not mac_matches(_OTHER, data, code)
    assert not mac_matches(_KEY, data, code[:-1])
    assert not mac_matches(_KEY, data, b"")
