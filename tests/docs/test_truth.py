"""What the documentation says about the code is what the code says."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from cxport.config import Settings
from tools.reference import PAGES, PARTS, renewed
from tools.reference_cli import command_names, help_of

ROOT = Path(__file__).parents[2]
TEXTS = {
    str(page.relative_to(ROOT)): page.read_text()
    for page in sorted(
        [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "deploy").rglob("*.md")]
    )
}

_SHELL = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")


def shell_lines() -> list[str]:
    """Give every shell command of the pages, one a line."""
    blocks = "\n".join(block for text in TEXTS.values() for block in _SHELL.findall(text))
    return blocks.replace("\\\n", " ").splitlines()


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda page: page.stem)
def test_the_reference_is_current(page: Path) -> None:
    """Settings, commands, keys, states and operations are those of the code (make reference)."""
    text = page.read_text()

    assert renewed(text) == text


def test_every_part_of_the_reference_stands_on_a_page() -> None:
    """What can be written from the code is."""
    text = "".join(TEXTS.values())

    assert set(re.findall(r"<!-- begin ([a-z-]+) -->", text)) == set(PARTS)


def test_every_variable_that_is_named_is_read() -> None:
    """A CXPORT_ variable of the pages is a setting or an option of a command."""
    settings = {f"CXPORT_{name.upper()}" for name in Settings.model_fields}
    options = {name for one in command_names() for name in re.findall(r"CXPORT_\w+", help_of(one))}
    named = {name for text in TEXTS.values() for name in re.findall(r"CXPORT_[A-Z0-9_]+\b", text)}

    assert named - settings - options == {"CXPORT_CONFIG"}


def test_every_command_that_is_shown_exists() -> None:
    """Commands and options that a reader copies are known to the program."""
    names = sorted(command_names(), key=len, reverse=True)
    shown = [line[line.index("cxport ") :] for line in shell_lines() if "cxport " in line]
    for line in shown:
        name = next(one for one in names if f"{line} ".startswith(f"{one} "))
        known = set(_OPTION.findall(help_of(name)))
        own = line.split(" && ")[0].split(" | ")[0]

        assert set(_OPTION.findall(own)) <= known, line


def test_every_target_that_is_shown_exists() -> None:
    """`make` knows what the pages tell people to make."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        target
        for text in TEXTS.values()
        for target in re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE)
    }

    assert {"demo", "test"} <= named <= targets


def test_every_target_says_what_it_does() -> None:
    """The help of the Makefile lists every target."""
    text = (ROOT / "Makefile").read_text()
    phony = set(re.findall(r"^\.PHONY: (.+)$", text, re.MULTILINE))

    assert phony == set(re.findall(r"^([a-z-]+):.* ## ", text, re.MULTILINE))


def promises() -> dict[str, list[str]]:
    """Read the promises that are kept, each with its tests."""
    page = TEXTS["docs/reference/promises.md"]
    rows = re.findall(r"^\| ([RS]\d+) \|.*\| (.+) \|$", page, re.MULTILINE)
    assert len(rows) == len({row[0] for row in rows})
    return {identity: re.findall(r"`([^`]+)`", tests) for identity, tests in rows}


def functions(path: Path) -> dict[str, ast.FunctionDef]:
    """Read the test functions of a file."""
    found = ast.walk(ast.parse(path.read_text()))
    return {one.name: one for one in found if isinstance(one, ast.FunctionDef)}


def test_every_promise_has_a_test() -> None:
    """A promise that is listed names tests, and they are there."""
    kept = promises()

    assert kept
    for identity, tests in kept.items():
        assert tests, identity
        for test in tests:
            path, _, name = test.partition("::")
            assert name in functions(ROOT / path), f"{identity}: {test}"


def test_every_test_of_a_promise_names_one_that_is_listed() -> None:
    """A test that is marked as keeping a promise stands in the list."""
    kept = promises()
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for name, function in functions(path).items():
            marks = " ".join(ast.unparse(mark) for mark in function.decorator_list)
            for identity in re.findall(r"mark\.promise\('(\w+)'\)", marks):
                assert f"{path.relative_to(ROOT)}::{name}" in kept.get(identity, []), identity
