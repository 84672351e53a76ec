"""BER by itself: what is encoded is DER, and only what is BER is decoded."""

from __future__ import annotations

import pytest
from asn1crypto import core
from hypothesis import given
from hypothesis import strategies as st

from cxport.domain.errors import Damaged
from cxport.sealing import ber


@given(st.integers(min_value=0, max_value=1 << 80))
def test_integers_are_der(value: int) -> None:
    """An independent encoder gives the same bytes."""
    assert ber.integer(value) == core.Integer(value).dump()


@given(st.binary(max_size=70_000))
def test_lengths_are_der(data: bytes) -> None:
    """So it does for strings of any length."""
    assert ber.encode(ber.OCTET_STRING, data) == core.OctetString(data).dump()


@pytest.mark.parametrize("dotted", ["1.2.840.113549.1.7.3", "2.16.840.1.101.3.4.1.46", "2.999.3"])
def test_oids_are_der(dotted: str) -> None:
    """And for object identifiers."""
    assert ber.oid(dotted) == core.ObjectIdentifier(dotted).dump()


@given(st.binary(max_size=300), st.integers(1, 50))
def test_elements_are_read_from_any_chunks(data: bytes, size: int) -> None:
    """However a stream is cut, its elements come out."""
    encoded = ber.encode(ber.SEQUENCE, ber.integer(5), ber.encode(ber.OCTET_STRING, data))
    reader = ber.Reader(encoded[at : at + size] for at in range(0, len(encoded), size))
    reader.enter(ber.SEQUENCE)

    assert reader.element(ber.INTEGER) == ber.integer(5)
    assert b"".join(reader.octets(ber.OCTET_STRING)) == data
    reader.leave()
    assert not reader.more()


def test_indefinite_lengths_are_made_definite() -> None:
    """A small element is read whole, whichever way its length and those in it are told."""
    nested = bytes.fromhex("3080 3080 020105 0000 0401ff 0000".replace(" ", ""))

    assert ber.Reader([nested]).element(ber.SEQUENCE).hex() == "30083003020105" + "0401ff"


@pytest.mark.parametrize(
    "encoded",
    [
        "",
        "30",
        "3003",
        "300302",
        "0480",
        "3080",
        "3080020105",
        "308002010500",
        "308401020304",
        "3089010000000000000000",
        "30847fffffff",
        "3080" * 20 + "0000" * 20,
    ],
)
def test_what_is_not_ber_is_refused(encoded: str) -> None:
    """Elements that end early, have impossible lengths or nest without end are refused."""
    with pytest.raises(Damaged):
        ber.Reader([bytes.fromhex(encoded)]).element(ber.SEQUENCE)


def test_an_element_stays_within_the_one_around_it() -> None:
    """A length that reaches beyond its surroundings is found when they are left."""
    reader = ber.Reader([bytes.fromhex("3003020205050505")])
    reader.enter(ber.SEQUENCE)
    reader.element(ber.INTEGER)

    with pytest.raises(Damaged, match="longer"):
        reader.leave()


def test_nothing_may_be_left_in_an_element() -> None:
    """Leaving an element in which something was not read is refused."""
    for encoded in ("3003020105", "30800201050000"):
        reader = ber.Reader([bytes.fromhex(encoded)])
        reader.enter(ber.SEQUENCE)
        with pytest.raises(Damaged, match="does not belong"):
            reader.leave()
