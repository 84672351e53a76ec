"""Where webhooks may not go: hostile URLs, and names that resolve to what is not public."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from cxport.domain.errors import InvalidInput, SetupError
from cxport.notices.address import Receivers, is_public, resolved
from cxport.notices.webhook import Webhooks
from tests.notices.receiver import HOST, a_message, receiving

#: Hosts that name the machine itself or its network, in every spelling that some program reads.
_HOSTS = """
localhost LOCALHOST localhost. localhost.localdomain ip6-localhost 127.0.0.1 127.1 127.0.1
127.255.255.254 127.000.000.001 2130706433 0x7f000001 0x7f.0.0.1 0x7f.1 0177.0.0.1 017700000001
00000177.0.0.1 127.0.0.1. 127.0x0.0.1 1.0x7f 0 0.0.0.0 0.0.0.1 0x0 10.0.0.1 10.1 10.255.255.255
167772161 172.16.0.1 172.31.255.254 192.168.0.1 192.168.1 3232235521 100.64.0.1 169.254.169.254
169.254.0.1 2852039166 0xa9fea9fe 0251.0376.0251.0376 169.254.43518 192.0.0.8 192.0.2.1
192.88.99.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1
255.255.255.255 [::1] [::] [0:0:0:0:0:0:0:1] [::ffff:127.0.0.1] [::ffff:7f00:1]
[::ffff:10.0.0.1] [::127.0.0.1] [::ffff:169.254.169.254] [::ffff:a9fe:a9fe] [::ffff:0:127.0.0.1]
[64:ff9b::7f00:1] [64:ff9b::a9fe:a9fe] [64:ff9b:1::7f00:1] [2002:7f00:1::] [2002:a9fe:a9fe::1]
[2001:0:7f00:1::1] [2001:db8::1] [fe80::1] [fe80::1%25eth0] [fe80::1%eth0] [fc00::1]
[fd00:ec2::254] [fec0::1] [ff02::1] [100::1] [::ffff:0.0.0.0] [5f00::1] [3fff::1]
"""

#: URLs that are hostile by their form.
_URLS = [
    "http://receiver.example/",
    "https://user@receiver.example/",
    "https://user:password@receiver.example/",
    "https://receiver.example@127.0.0.1/",
    "https://127.0.0.1:443@receiver.example/",
    "https://receiver.example#@127.0.0.1/",
    "https://receiver.example\\@127.0.0.1/",
    "https://receiver.example\\.127.0.0.1/",
    "https:\\\\127.0.0.1/",
    "https:127.0.0.1/",
    "https:///127.0.0.1/",
    "https://",
    "https:///",
    "//127.0.0.1/",
    "/hook",
    "",
    "file:///etc/passwd",
    "gopher://127.0.0.1:25/_x",
    "ftp://127.0.0.1/",
    "dict://127.0.0.1:11211/",
    "jar:https://receiver.example!/",
    "unix:///run/docker.sock",
    "https+unix://x/",
    "https://receiver.example:22/",
    "https://receiver.example:25/",
    "https://receiver.example:80/",
    "https://receiver.example:5432/",
    "https://receiver.example:6379/",
    "https://receiver.example:0/",
    "https://receiver.example:/",
    "https://receiver.example:99999/",
    "https://receiver.example:-1/",
    "https://receiver.example:x/",
    "https://receiver.example/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "https://receiver.example/\nx",
    "https://receiver.example/\tx",
    "https://receiver.example\x00.127.0.0.1/",
    "https://receiver.example%00/",
    "https://receiver.example%2f@127.0.0.1/",
    "https://%31%32%37.0.0.1/",
    "https://①②⑦.⓪.⓪.①/",
    "https://127。0。0。1/",
    "https://\uff4cocalhost/",
    "https://-receiver.example/",
    "https://receiver..example/",
    "https://.example/",
    "https://receiver_.example/",
    "https://[::1/",
    "https://::1/",
    "https://[127.0.0.1]/",
    "https://[receiver.example]/",
    "https://[v1.x]/",
    "https://receiver.example/" + "x" * 3000,
    " https://receiver.example/",
]

HOSTILE = [*_URLS, *(f"https://{host}/hook" for host in _HOSTS.split())]

#: What a hostile name server answers.
ANSWERS: list[list[str]] = [
    *([address] for address in ("127.0.0.1", "10.0.0.1", "169.254.169.254", "0.0.0.1", "::1")),
    *([address] for address in ("::ffff:127.0.0.1", "fe80::1%eth0", "fd00::1", "64:ff9b::7f00:1")),
    ["1.1.1.1", "127.0.0.1"],
    ["127.0.0.1", "1.1.1.1"],
    ["2606:4700::1", "::1"],
    ["no address"],
    [],
]


class Spy:
    """Counts connections, and makes none."""

    def __init__(self) -> None:
        self.made: list[tuple[str, int]] = []

    def __call__(self, address: tuple[str, int], seconds: float) -> socket.socket:
        """Refuse."""
        assert seconds > 0
        self.made.append(address)
        raise ConnectionRefusedError


def sending(receivers: Receivers, spy: Spy, *answers: Sequence[str]) -> Webhooks:
    """Give a sender whose name server gives these answers, one after the other."""
    left = list(answers)
    tls = ssl.create_default_context()
    return Webhooks(receivers, tls, lambda *_: left.pop(0) if left[1:] else left[0], spy)


@pytest.mark.promise("S5")
@pytest.mark.parametrize("url", HOSTILE)
def test_a_hostile_url_is_refused_and_never_connected_to(url: str) -> None:
    """When it is given and when it is sent to, by the system's own resolver."""
    spy = Spy()
    sender = Webhooks(Receivers(), ssl.create_default_context(), resolved, spy)

    attempt = sender.send(a_message(url), datetime.now(UTC))

    assert not attempt.delivered
    assert attempt.answer.startswith("not sent: ")
    assert spy.made == []


def test_there_are_enough_hostile_urls() -> None:
    """More than eighty, each once."""
    assert len(set(HOSTILE)) == len(HOSTILE) >= 80


@pytest.mark.parametrize("url", [url for url in HOSTILE if "localhost" not in url.lower()])
def test_a_hostile_url_is_no_subscription(url: str) -> None:
    """What can be told by its form alone is told at once, naming the field."""
    with pytest.raises(InvalidInput) as refused:
        Receivers().check(url)

    assert refused.value.field == "url"


@pytest.mark.promise("S5")
@pytest.mark.parametrize("answer", ANSWERS, ids=str)
def test_a_name_that_leads_inside_is_not_connected_to(answer: list[str]) -> None:
    """One address that is not public is enough, wherever it stands."""
    spy = Spy()
    sender = sending(Receivers(), spy, answer)

    attempt = sender.send(a_message("https://receiver.example/"), datetime.now(UTC))

    assert not attempt.delivered
    assert spy.made == []


@pytest.mark.promise("S5")
def test_a_name_that_changes_its_mind_is_asked_once() -> None:
    """What was checked is what is connected to: the second answer is never seen."""
    spy = Spy()
    sender = sending(Receivers(), spy, ["1.1.1.1"], ["127.0.0.1"])

    sender.send(a_message("https://receiver.example/"), datetime.now(UTC))

    assert spy.made == [("1.1.1.1", 443)]
    sender.send(a_message("https://receiver.example/"), datetime.now(UTC))
    assert spy.made == [("1.1.1.1", 443)]


@pytest.mark.promise("S5")
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_ends_where_it_began(status: int) -> None:
    """The receiver that was named is asked; where it points to gets no connection."""
    with receiving() as inside, receiving() as receiver:
        receiver.status = status
        receiver.headers = {"Location": f"http://{HOST}:{inside.port}/"}
        sender = Webhooks(Receivers.named(f"{HOST}/32"), ssl.create_default_context())

        attempt = sender.send(a_message(f"http://{HOST}:{receiver.port}/"), datetime.now(UTC))

    assert not attempt.delivered
    assert (receiver.connections, inside.connections) == (1, 0)


def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that sends other programs elsewhere means nothing here."""
    with receiving() as proxy, receiving() as receiver:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://{HOST}:{proxy.port}")
        sender = Webhooks(Receivers.named(f"{HOST}/32"), ssl.create_default_context())

        assert sender.send(a_message(f"http://{HOST}:{receiver.port}/"), _now()).delivered

    assert (receiver.connections, proxy.connections) == (1, 0)


def _now() -> datetime:
    return datetime.now(UTC)


@pytest.mark.parametrize(
    ("allowed", "url", "address"),
    [
        ("hooks.internal", "http://hooks.internal:8080/", "10.0.0.7"),
        ("HOOKS.internal, other", "https://hooks.internal/", "10.0.0.7"),
        ("10.1.0.0/16", "http://some.name/", "10.1.2.3"),
        ("10.1.0.0/16", "http://10.1.2.3:9000/", "10.1.2.3"),
        ("fd00::/8", "https://some.name:1234/", "fd00::7"),
        ("", "https://some.name/", "1.1.1.1"),
        ("", "https://some.name:8443/", "2606:4700::1"),
        ("10.1.0.0/16", "https://some.name/", "1.1.1.1"),
    ],
)
def test_what_is_allowed_is_connected_to(allowed: str, url: str, address: str) -> None:
    """By name or by network; and whatever is public, over https."""
    spy = Spy()
    sending(Receivers.named(allowed), spy, [address]).send(a_message(url), _now())

    assert [made[0] for made in spy.made] == [address]


@pytest.mark.parametrize(
    ("allowed", "url", "address"),
    [
        ("10.1.0.0/16", "http://some.name/", "10.2.0.1"),
        ("10.1.0.0/16", "http://some.name/", "1.1.1.1"),
        ("10.1.0.0/16", "https://some.name:22/", "1.1.1.1"),
        ("hooks.internal", "http://other.internal/", "10.0.0.7"),
        ("hooks.internal", "https://hooks.internal.example/", "10.0.0.7"),
        ("127.0.0.1", "http://some.name/", "::ffff:127.0.0.1"),
    ],
)
def test_what_is_allowed_is_no_wider_than_it_says(allowed: str, url: str, address: str) -> None:
    """Another network, another name, or a public one by http is still refused."""
    spy = Spy()
    sending(Receivers.named(allowed), spy, [address]).send(a_message(url), _now())

    assert spy.made == []


@pytest.mark.parametrize(
    "text", ["http://x", "10.0.0.1/8", "a b", "*", "*.internal", "10.0.0.0/33"]
)
def test_an_allow_list_that_is_none_is_refused(text: str) -> None:
    """A network with bits behind its mask, a pattern or a URL is a mistake, and said."""
    with pytest.raises(SetupError, match="webhook_receivers"):
        Receivers.named(text)


def test_public_addresses_are_public() -> None:
    """Those of well-known services, in both versions."""
    import ipaddress

    for text in ("1.1.1.1", "8.8.8.8", "193.0.6.139", "2606:4700:4700::1111", "2a00:1450::1"):
        assert is_public(ipaddress.ip_address(text)), text
