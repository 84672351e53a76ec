"""The files of deploy/ are in step with the program that they start."""

from __future__ import annotations

import configparser
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from cxport.api import health
from cxport.config import Settings
from tools.reference_cli import command_names, help_of

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file())
UNITS = sorted(DEPLOY.glob("systemd/*.service"))


def name(path: Path) -> str:
    """Name a file in the list of tests."""
    return str(path.relative_to(DEPLOY))


def documents() -> list[dict[str, Any]]:
    """Read every YAML document."""
    texts = [path.read_text() for path in FILES if path.suffix == ".yaml"]
    return [document for text in texts for document in yaml.safe_load_all(text)]


def unit(path: Path) -> configparser.SectionProxy:
    """Read the service section of a unit; of a key that comes twice the last counts."""
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign] # the documented way
    parser.read_string(path.read_text())
    return parser["Service"]


def containers() -> Iterator[dict[str, Any]]:
    """Give every container of ours that Kubernetes is to start."""
    for document in documents():
        if document.get("kind") == "Deployment":
            yield from document["spec"]["template"]["spec"]["containers"]


def commands() -> list[list[str]]:
    """Give what systemd, compose and Kubernetes start, without the name of the program."""
    units = [*UNITS, DEPLOY / "systemd/no-worker.conf"]
    started = [shlex.split(unit(path)["ExecStart"])[1:] for path in units]
    (compose,) = [document for document in documents() if "services" in document]
    ours = [one for one in compose["services"].values() if one["image"] == "cxport"]
    return [
        *started,
        *(one["command"] for one in ours),
        *(one["args"] for one in containers()),
    ]


@pytest.mark.parametrize("path", FILES, ids=name)
def test_every_variable_is_a_setting(path: Path) -> None:
    """A CXPORT_ variable that no setting reads would be a wish that nobody hears."""
    settings = {f"CXPORT_{name.upper()}" for name in Settings.model_fields}

    assert set(re.findall(r"CXPORT_[A-Z0-9_]+\b", path.read_text())) <= settings


def test_every_command_exists() -> None:
    """What is started is a command, with options that it knows."""
    started = commands()

    assert len(started) == 7
    for words in started:
        assert f"cxport {words[0]}" in command_names()
        options = {word for word in words if word.startswith("--")}
        assert options <= set(re.findall(r"--[a-z-]+", help_of(f"cxport {words[0]}"))), words


def test_every_probe_is_answered() -> None:
    """A probe that leads nowhere would have healthy processes restarted for ever."""
    served = {str(getattr(route, "path", "")) for route in health.router.routes}
    probes = [
        container[probe]["httpGet"]["path"]
        for container in containers()
        for probe in ("livenessProbe", "readinessProbe")
        if probe in container
    ]

    assert probes == ["/health/live", "/health/ready"] * 2
    assert set(probes) <= served


@pytest.mark.parametrize("path", UNITS, ids=name)
def test_every_unit_is_locked_in(path: Path) -> None:
    """A service writes to its own folder, sees no one else's and gains no right."""
    found = unit(path)

    assert found["User"] != "root"
    for key, value in {
        "NoNewPrivileges": "yes",
        "CapabilityBoundingSet": "",
        "PrivateTmp": "yes",
        "ProtectHome": "yes",
        "ProtectSystem": "strict",
    }.items():
        assert found[key] == value, key


def test_every_container_is_locked_in() -> None:
    """A container is no root, gains no right and writes to its volumes alone."""
    found = list(containers())

    assert len(found) == 2
    for container in found:
        context = container["securityContext"]
        assert context["capabilities"]["drop"] == ["ALL"]
        assert context["readOnlyRootFilesystem"]
        assert not context["allowPrivilegeEscalation"]


def test_what_the_image_is_made_of_is_there() -> None:
    """The Containerfile copies what the repository has."""
    text = (DEPLOY / "container/Containerfile").read_text()
    copied = [words.split()[:-1] for words in re.findall(r"^COPY (?!--)(.+)$", text, re.MULTILINE)]

    assert copied
    for path in (path for paths in copied for path in paths):
        assert (ROOT / path).exists(), path
