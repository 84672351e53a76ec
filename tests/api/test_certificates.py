"""`/cxport/v1/certificates`: the history of certificates, and warnings before one expires."""

from __future__ import annotations

from typing import Any

import pytest

from cxport.domain.access import Role
from cxport.sealing.certificate import make_certificate
from tests.api.installation import Account, Installation, error_of

PATH = "/cxport/v1/certificates"


def certificates(account: Account) -> dict[str, Any]:
    """Ask for the history."""
    answer = account.installation.client.get(PATH, headers=account.headers)
    found: dict[str, Any] = answer.raise_for_status().json()
    return found


def test_every_certificate_is_kept(bare: Account, certificate: bytes) -> None:
    """The newest is in force; those before it stay, each with who uploaded it."""
    assert certificates(bare) == {"items": [], "warnings": []}
    bare.upload(certificate, "first.pem")
    bare.upload(make_certificate("second", 400, 2048)[1], "second.pem")
    second, first = certificates(bare)["items"]

    assert (second["name"], second["inForce"], second["daysLeft"]) == ("second.pem", True, 399)
    assert (first["name"], first["inForce"], first["id"]) == ("first.pem", False, 1)
    assert first["fingerprint"] != second["fingerprint"]
    assert second["uploadedBy"].startswith("client:")


@pytest.mark.parametrize(
    ("days", "within"), [(61, None), (60, 60), (31, 60), (30, 30), (8, 30), (7, 7), (1, 7)]
)
def test_a_certificate_is_warned_of(bare: Account, days: int, within: int | None) -> None:
    """60, 30 and 7 days before it expires, and not before."""
    bare.upload(make_certificate("any", days, 2048)[1], "any.pem")
    warnings = certificates(bare)["warnings"]

    assert [one["withinDays"] for one in warnings] == ([within] if within else [])


def test_one_that_is_replaced_is_warned_of_no_more(bare: Account) -> None:
    """Only the one in force counts."""
    bare.upload(make_certificate("old", 5, 2048)[1], "old.pem")
    bare.upload(make_certificate("new", 500, 2048)[1], "new.pem")

    assert certificates(bare)["warnings"] == []


def test_one_that_has_expired_is_warned_of(own: Installation) -> None:
    """Its days are below 0."""
    account = own.new_tenant()
    account.upload(make_certificate("old", 1, 2048)[1], "old.pem")
    own.clock.advance(days=2)
    account.token = account.sign_in(grant_type="client_credentials").json()["access_token"]
    (warning,) = certificates(account)["warnings"]

    assert warning["daysLeft"] < 0


def test_the_history_is_ones_own(tenant: Account) -> None:
    """Another tenant's is not seen, nor anybody's without a role."""
    assert len(certificates(tenant.as_role(Role.VIEWER))["items"]) == 1
    assert certificates(tenant.installation.new_tenant())["items"] == []
    headers = tenant.as_role().headers
    error_of(tenant.installation.client.get(PATH, headers=headers), 403)
