"""How notices are sent, as the settings say."""

from __future__ import annotations

import ssl
from collections.abc import Mapping

from cxport.config import Settings
from cxport.domain.errors import SetupError
from cxport.domain.notice import Kind
from cxport.notices.address import Receivers
from cxport.notices.mail import Mail, MailServer, is_address
from cxport.notices.outgoing import Sender
from cxport.notices.webhook import Webhooks


def senders(settings: Settings) -> Mapping[Kind, Sender]:
    """Give what sends each kind; without a mail server there is none for mails.

    Raises SetupError, naming the setting that is wrong.
    """
    tls = _tls(settings)
    webhooks = Webhooks(Receivers.named(settings.webhook_receivers), tls)
    if not settings.smtp_host:
        return {Kind.WEBHOOK: webhooks}
    return {Kind.WEBHOOK: webhooks, Kind.MAIL: Mail(_server(settings), tls)}


def _tls(settings: Settings) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if settings.notice_ca is not None:
        try:
            context.load_verify_locations(settings.notice_ca)
        except (OSError, ssl.SSLError):
            raise SetupError("notice_ca: no such file, or no certificates in PEM") from None
    return context


def _server(settings: Settings) -> MailServer:
    if not is_address(settings.smtp_sender):
        raise SetupError("smtp_sender: with smtp_host it must be a mail address")
    if settings.smtp_user and settings.smtp_security == "none":
        raise SetupError("smtp_security: a password is not sent in the clear: starttls or tls")
    return MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security,
        user=settings.smtp_user,
        password=_password(settings),
        sender=settings.smtp_sender,
    )


def _password(settings: Settings) -> str:
    if settings.smtp_password_file is None:
        return settings.smtp_password.get_secret_value()
    try:
        return settings.smtp_password_file.read_text("utf-8").strip()
    except (OSError, UnicodeError):
        raise SetupError("smtp_password_file: it cannot be read") from None
