"""Tenants and their accounts, as an administrator makes them on the host."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from cxport.domain.access import Role
from cxport.domain.errors import InvalidInput, NotFound
from cxport.services import Services
from cxport.services.signin import TokenRequest
from cxport.store import tenants
from cxport.store.database import Database


def _request(client: tuple[str, str], grant: str = "client_credentials") -> TokenRequest:
    return TokenRequest(grant_type=grant, client_id=client[0], client_secret=client[1])


def test_a_new_tenants_credentials_work(services: Services) -> None:
    """The key, the client and the user all name the same tenant, and may do everything."""
    made = services.tenants.create_tenant("Acme")
    client = (made.client_id, made.client_secret)
    pair = services.sign_in.token(_request(client))
    caller = services.sign_in.caller(pair.access_token, made.api_key)

    assert caller.tenant_name == "Acme"
    assert caller.subject == f"client:{made.client_id}"
    assert caller.roles == {Role.ADMINISTRATOR}
    user = TokenRequest(
        grant_type="password",
        client_id=made.client_id,
        client_secret=made.client_secret,
        username=made.username,
        password=made.password,
    )
    pair = services.sign_in.token(user)
    assert services.sign_in.caller(pair.access_token, "").subject == f"user:{made.username}"


def test_secrets_are_kept_as_digests_only(services: Services, db: Database, tmp_path: Path) -> None:
    """Nothing that signs anybody in stands in the store as it is."""
    made = services.tenants.create_tenant("Acme")
    pair = services.sign_in.token(_request((made.client_id, made.client_secret)))
    assert tenants.key_by_digest(db, hashlib.sha256(made.api_key.encode()).digest())
    db.close()
    stored = b"".join(file.read_bytes() for file in tmp_path.glob("store*"))

    assert made.client_id.encode() in stored
    for secret in (made.api_key, made.client_secret, made.password, pair.refresh_token):
        assert secret.encode() not in stored
    for secret in (made.api_key, made.client_secret, made.password):
        assert secret not in repr(made)


def test_keys_are_random_and_recognisable(services: Services) -> None:
    """They begin with `cxp_`, and no two are alike."""
    services.tenants.create_tenant("Acme")
    keys = {services.tenants.add_key("acme", f"key {number}") for number in range(5)}
    assert len(keys) == 5
    assert all(key.startswith("cxp_") and len(key) >= 36 for key in keys)


def test_a_name_is_taken_once(services: Services) -> None:
    """Whatever its case."""
    services.tenants.create_tenant("Acme")
    with pytest.raises(InvalidInput):
        services.tenants.create_tenant("ACME")
    assert [one.name for one in services.tenants.list()] == ["Acme"]


@pytest.mark.parametrize("name", ["", " a", "a ", "a\\b", "a/b", "a\0", "ä", "x" * 65, "-a"])
def test_a_name_that_will_not_do_is_refused(services: Services, name: str) -> None:
    r"""Names go into `tenant\user`, so they are plain words."""
    with pytest.raises(InvalidInput):
        services.tenants.create_tenant(name)


def test_accounts_have_the_roles_they_were_given(services: Services) -> None:
    """A further client and a further user."""
    services.tenants.create_tenant("Acme")
    client = services.tenants.add_client("acme", "reporting", frozenset({Role.VIEWER}))
    pair = services.sign_in.token(_request(client))
    assert services.sign_in.caller(pair.access_token, "").roles == {Role.VIEWER}
    password = services.tenants.add_user("acme", "ann", frozenset({Role.UCS_EXPORTER}))
    request = TokenRequest(
        grant_type="password",
        client_id=client[0],
        client_secret=client[1],
        username="Acme\\ANN",
        password=password,
    )
    pair = services.sign_in.token(request)
    assert services.sign_in.caller(pair.access_token, "").roles == {Role.UCS_EXPORTER}


def test_an_unknown_tenant_is_not_found(services: Services) -> None:
    """For whatever is to be added to it."""
    with pytest.raises(NotFound):
        services.tenants.add_key("nobody", "key")


def test_tokens_and_links_outlive_a_restart(start: Callable[[], Services]) -> None:
    """Their keys are the installation's, so every process reads what another issued."""
    first, second = start(), start()
    made = first.tenants.create_tenant("Acme")
    pair = first.sign_in.token(_request((made.client_id, made.client_secret)))

    assert second.sign_in.caller(pair.access_token, made.api_key).tenant_name == "Acme"
