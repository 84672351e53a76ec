"""An administrator's script: users, keys, clients and sources over a real service."""

from __future__ import annotations

from pathlib import Path

import pytest

from cxport.client import Client, ClientError, ClientSecret, Password
from tests.client.served import SOURCE, Served


def _signs_in(served: Served, credentials: ClientSecret | Password) -> bool:
    with Client(served.url, credentials=credentials) as client:
        try:
            client.sign_in()
        except ClientError as error:
            return error.status not in {400, 401}
        return True


def test_users_from_beginning_to_end(served: Served) -> None:
    """Made, given other roles and another password, and removed."""
    known = served.service.credentials
    with served.client() as client:
        administration = client.administration
        user, password = administration.create_user("ann lee", ["viewer"])
        person = {"client_id": known["client_id"], "client_secret": known["client_secret"]}

        assert (user.name, user.roles) == ("ann lee", ("viewer",))
        assert user in administration.users()
        assert _signs_in(served, Password(username="ann lee", password=password, **person))
        changed = administration.update_user(
            "ann lee", roles=["administrator"], password="a better password"
        )
        assert changed.roles == ("administrator",)
        assert not _signs_in(served, Password(username="ann lee", password=password, **person))
        administration.remove_user("ann lee")
        assert "ann lee" not in {one.name for one in administration.users()}
        with pytest.raises(ClientError) as refused:
            administration.remove_user("ann lee")
        assert refused.value.status == 404


def test_keys_and_clients(served: Served) -> None:
    """Their secrets are given once; a new one takes the old one's place."""
    with served.client() as client:
        administration = client.administration
        key, text = administration.create_key("nightly", ["viewer"])
        program, secret = administration.create_client("reporting", ["viewer"])
        renewed = administration.renew_secret(program.id)

        assert text.startswith("cxp_")
        assert key in list(administration.keys())
        assert program in administration.clients()
        assert not _signs_in(served, ClientSecret(program.id, secret))
        assert _signs_in(served, ClientSecret(program.id, renewed))
        assert administration.update_client(program.id, ["administrator"]).roles == (
            "administrator",
        )
        administration.remove_key(key.id)
        administration.remove_client(program.id)
        assert key not in list(administration.keys())
        assert not _signs_in(served, ClientSecret(program.id, renewed))


def test_sources(served: Served, tmp_path: Path) -> None:
    """What is there is listed and checked; where the operator allows no place none is added."""
    with served.client() as client:
        administration = client.administration
        (source,) = [one for one in administration.sources() if one.name == SOURCE]
        found = administration.check_source(SOURCE)

        assert source.checked_date
        assert set(source.entities) == set(found.entities)
        assert found.missing == ()
        with pytest.raises(ClientError) as refused:
            administration.add_source("mine", f"sqlite:///{tmp_path}/db")
        assert refused.value.status == 400
        with pytest.raises(ClientError) as unknown:
            administration.remove_source("mine")
        assert unknown.value.status == 404


def test_how_long_files_are_kept(served: Served) -> None:
    """The tenant's own wish holds until it is taken back."""
    with served.client() as client:
        administration = client.administration
        before = administration.retention()

        assert administration.change_retention(7).days == 7
        assert administration.retention().own == 7
        assert administration.change_retention(None) == before


def test_a_user_changes_the_own_password(served: Served) -> None:
    """The client's token ends with the old one."""
    known = served.service.credentials
    person = {"client_id": known["client_id"], "client_secret": known["client_secret"]}
    with served.client() as client:
        _, password = client.administration.create_user("changing", ["viewer"])
    old = Password(username="changing", password=password, **person)
    with Client(served.url, credentials=old) as client:
        client.change_password(password, "a better password")
        with pytest.raises(ClientError):
            client.certificate()

    assert not _signs_in(served, old)
    assert _signs_in(served, Password(username="changing", password="a better password", **person))
