"""Identity providers as an operator writes them down."""

from __future__ import annotations

from pathlib import Path

import pytest

from cxport import config
from cxport.domain.access import Role
from cxport.domain.errors import SetupError

GOOD = """
[[identity_providers]]
name = "corporate"
issuer = "https://login.example"
audience = "https://export.example"
tenant_claim = "tenant"
roles_claim = "realm_access.roles"
client_id = "cxport"
client_secret = "never shown"

[identity_providers.roles]
cx-admins = "administrator"
cx-exporters = "UDM UCSX Exporter"
"""


def load(folder: Path, text: str) -> config.Settings:
    """Load a configuration file."""
    (folder / "cxport.toml").write_text(text)
    return config.load(data=folder)


def test_a_provider_stands_in_the_file(tmp_path: Path) -> None:
    """With its roles as they are called here; its secret is not shown."""
    settings = load(tmp_path, GOOD)
    (provider,) = settings.identity_providers

    assert provider.roles == {
        "cx-admins": Role.ADMINISTRATOR,
        "cx-exporters": Role.UCS_EXPORTER,
    }
    assert "never shown" not in repr(settings)


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ('"https://login.example"', '"http://login.example"', "https://"),
        ('"https://login.example"', '"ftp://login.example"', "https://"),
        ('name = "corporate"', 'name = "Corp orate"', "name"),
        ('tenant_claim = "tenant"', "", "tenant"),
        ('tenant_claim = "tenant"', 'tenant_claim = "t"\ntenant = "Acme"', "tenant"),
        ('tenant_claim = "tenant"', 'tenant = "Acme"\ntenants = {a = "b"}', "tenants"),
        ('cx-admins = "administrator"', 'cx-admins = "root"', "roles.cx-admins"),
        ("client_secret", "client_sceret", "client_sceret"),
        ('client_secret = "never shown"', 'algorithms = ["HS256"]', "RS256"),
        ('client_secret = "never shown"', 'algorithms = ["none"]', "RS256"),
        ('client_secret = "never shown"', "algorithms = []", "RS256"),
    ],
)
def test_what_could_let_somebody_in_is_refused(
    tmp_path: Path, right: str, wrong: str, said: str
) -> None:
    """At the start, with what would be right, and without any value."""
    with pytest.raises(SetupError) as caught:
        load(tmp_path, GOOD.replace(right, wrong))

    assert said in caught.value.message
    assert "never shown" not in caught.value.message


def test_two_providers_have_two_names(tmp_path: Path) -> None:
    """And two issuers: a token is one provider's."""
    for twice in (GOOD + GOOD, GOOD + GOOD.replace("corporate", "other")):
        with pytest.raises(SetupError, match="identity_providers"):
            load(tmp_path, twice)
