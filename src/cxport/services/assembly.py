"""The services of one installation, joined: what every surface is handed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from argon2 import PasswordHasher

from cxport.blobs.base import Blobs, Signer
from cxport.domain.pulse import Pulse
from cxport.domain.vault import SecretBox
from cxport.notices.address import Receivers
from cxport.services.accounts import Accounts
from cxport.services.activity import Activity
from cxport.services.administration import Administration
from cxport.services.audit import Audit
from cxport.services.certificates import Certificates
from cxport.services.control import Control
from cxport.services.estimates import Estimates, Measure
from cxport.services.files import Files
from cxport.services.health import Health
from cxport.services.history import History
from cxport.services.jobs import Jobs
from cxport.services.links import Links
from cxport.services.open_sessions import OpenSessions
from cxport.services.own_password import OwnPassword
from cxport.services.passwords import Passwords
from cxport.services.providers import Providers, ProviderSignIn
from cxport.services.rate import RequestRate
from cxport.services.retention import Retentions
from cxport.services.schedules import Schedules
from cxport.services.sessions import Sessions
from cxport.services.settings import ServiceSettings
from cxport.services.signin import SignIn
from cxport.services.signing_keys import Signed, SigningKeys
from cxport.services.source_administration import SourceAdministration, SourceProbe
from cxport.services.source_setup import SourceSetup
from cxport.services.sources import Sources
from cxport.services.tenant_limits import TenantLimits
from cxport.services.tenants import Tenants
from cxport.services.tokens import Tokens
from cxport.services.watching import Watching
from cxport.services.webhooks import Webhooks
from cxport.store.audit import audit_key
from cxport.store.database import Database


@dataclass(frozen=True, kw_only=True)
class Services:
    """Everything that may be asked for."""

    audit: Audit
    administration: Administration
    source_administration: SourceAdministration
    sign_in: SignIn
    provider_sign_in: ProviderSignIn
    sessions: Sessions
    open_sessions: OpenSessions
    own_password: OwnPassword
    tenants: Tenants
    tenant_limits: TenantLimits
    retentions: Retentions
    certificates: Certificates
    sources: Sources
    source_setup: SourceSetup
    jobs: Jobs
    schedules: Schedules
    history: History
    activity: Activity
    control: Control
    files: Files
    webhooks: Webhooks
    watching: Watching
    health: Health
    estimates: Estimates
    signing_keys: SigningKeys
    clock: Callable[[], datetime]


def assemble(  # noqa: PLR0913 - each is a part of its own that only bootstrap knows
    *,
    db: Database,
    box: SecretBox,
    blobs: Blobs,
    settings: ServiceSettings,
    clock: Callable[[], datetime],
    measure: Measure,
    on_queued: Callable[[], None] | None = None,
    hasher: PasswordHasher | None = None,
    pulse: Pulse | None = None,
    probe: SourceProbe | None = None,
    signer: Signer | None = None,
    receivers: Receivers | None = None,
) -> Services:
    """Join the services; the keys of tokens and links are the installation's, from the store.

    `measure` asks a source what it holds. `on_queued` is called after a run was queued. `pulse`
    is that of a worker in this process. `hasher` is for an operator whose machine needs another
    cost than RFC 9106's low-memory profile. Without `probe` no source can be added or checked
    over the network. With a `signer`, downloads are the storage's links. `receivers` are those that
    webhooks may reach: without, public ones alone.
    """
    passwords = Passwords(
        parallel=settings.parallel_sign_ins, waiting=settings.waiting_sign_ins, hasher=hasher
    )
    audit = Audit(db, audit_key(db, box), clock, settings.page_cap)
    keys = SigningKeys(db, box, clock, audit)
    tokens = Tokens(keys.ring(Signed.TOKENS), settings.public_url)
    providers = Providers(db, settings.providers, clock)
    accounts = Accounts(db, passwords, settings, clock, audit)
    rate = RequestRate(db, settings.requests_per_minute, clock)
    setup = SourceSetup(db, box, clock, audit)
    links = Links(keys.ring(Signed.LINKS), settings.public_url, clock)
    return Services(
        audit=audit,
        sign_in=SignIn(db, tokens, providers, accounts, rate, clock, audit),
        provider_sign_in=ProviderSignIn(providers, accounts, box, clock),
        sessions=Sessions(db, accounts, rate, settings, clock, audit),
        open_sessions=OpenSessions(db, clock, audit),
        own_password=OwnPassword(db, accounts, passwords, audit),
        tenants=Tenants(db, passwords, audit),
        tenant_limits=TenantLimits(db, clock),
        retentions=Retentions(db, settings, audit),
        certificates=Certificates(db, clock, audit),
        sources=Sources(db),
        source_setup=setup,
        source_administration=SourceAdministration(db, setup, probe, settings.allowed_places),
        administration=Administration(db, passwords, audit),
        jobs=Jobs(db, blobs, settings, clock, audit, on_queued),
        schedules=Schedules(db, clock),
        history=History(db, blobs, settings, audit),
        activity=Activity(db, clock),
        control=Control(db, blobs, clock, audit, on_queued),
        webhooks=Webhooks(db, box, receivers or Receivers(), settings, clock, audit),
        files=Files(db, blobs, links, settings, clock, audit, signer=signer),
        watching=Watching(db, clock),
        health=Health(db, blobs, pulse),
        estimates=Estimates(db, settings, clock, measure),
        signing_keys=keys,
        clock=clock,
    )
