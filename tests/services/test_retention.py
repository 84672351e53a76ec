"""How long files are kept: a tenant may want less than the installation grants, never more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cxport.domain.access import Role
from cxport.domain.errors import InvalidInput, NotAllowed
from cxport.domain.tenant import Caller, Retention
from cxport.services import Services


@pytest.fixture
def administrator(services: Services) -> Caller:
    """Give the administrator of a tenant."""
    made = services.tenants.create_tenant("Acme")
    return services.sessions.sign_in(made.tenant, made.username, made.password)[1]


def test_a_tenant_has_its_files_kept_for_less(services: Services, administrator: Caller) -> None:
    """Its wish holds until it is taken back."""
    retentions = services.retentions
    assert retentions.get(administrator) == Retention(own=None, most=30)
    assert retentions.change(administrator, 7).days == 7

    assert retentions.get(administrator).days == 7
    assert retentions.change(administrator, None).days == 30


@pytest.mark.parametrize("days", [0, -1, 31, 2**70])
def test_never_for_more_or_for_nothing(
    services: Services, administrator: Caller, days: int
) -> None:
    """The field is named, and what it would take."""
    with pytest.raises(InvalidInput, match="days") as refused:
        services.retentions.change(administrator, days)

    assert refused.value.expected.startswith("1 to 30")
    assert services.retentions.get(administrator).own is None


def test_a_wish_from_before_the_operator_shortened_it_lengthens_nothing() -> None:
    """What the installation grants now is the most, whatever was asked for once."""
    assert Retention(own=30, most=7).days == 7


def test_others_may_neither_see_nor_change_it(services: Services, administrator: Caller) -> None:
    """It is the administrators' business."""
    exporter = replace(administrator, roles=frozenset({Role.UCS_EXPORTER}))
    with pytest.raises(NotAllowed):
        services.retentions.get(exporter)
    with pytest.raises(NotAllowed):
        services.retentions.change(exporter, 7)
