"""Whatever a service says can be read in every language: its sentences, errors and reasons."""

from __future__ import annotations

import ast
import pickle
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import cxport
from cxport.console.wording import Wording
from cxport.domain import errors
from cxport.domain.catalogue import Kind
from cxport.domain.run import Status
from cxport.domain.said import Said, as_said, forms, known, read, together, written
from cxport.domain.zone import zone_of
from cxport.services.labels import LANGUAGES, sayings

_PLACES = re.compile(r"\{(\w+)\}")
#: Calls whose sentence is told elsewhere: what is written down, and what an error's class says.
_ELSEWHERE = {"domain/said.py", "domain/errors.py"}
#: What is made a sentence by its value: see the enumerations below.
_VALUES = {"status.label", "state.label", "to.label", "now.label", "kind"}


def _nodes() -> Iterator[tuple[str, ast.AST]]:
    root = Path(cxport.__file__).parent
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            yield str(path.relative_to(root)), node


def _calls() -> Iterator[tuple[str, ast.expr]]:
    """Give where each sentence is said, and what it is made of."""
    for where, node in _nodes():
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Said":
            yield where, node.args[0]


def _literals() -> set[str]:
    return {str(template.value) for _, template in _calls() if isinstance(template, ast.Constant)}


def _classes() -> set[str]:
    """Give what each error of the tree says where it was given nothing to say."""
    classes = {node.name: node for _, node in _nodes() if isinstance(node, ast.ClassDef)}

    def is_ours(name: str) -> bool:
        bases = [ast.unparse(base) for base in classes[name].bases] if name in classes else []
        return name == errors.CxportError.__name__ or any(map(is_ours, bases))

    ours = (node for name, node in classes.items() if is_ours(name))
    return {(ast.get_docstring(node) or "").partition("\n")[0] for node in ours}


def _told() -> set[str]:
    """Give every template that a service can say something with, and that has words."""
    values = {*(kind.value for kind in Kind), *(status.label for status in Status)}
    every = _literals() | values | _classes()
    return {one for one in every if re.search("[A-Za-z]", _PLACES.sub("", one))}


def test_the_tree_is_walked() -> None:
    """What the tests below are about is found: sentences of every layer, and every error."""
    assert {"the run is {status}", "Not found.", "In Progress", "it never comes"} <= _told()


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "en"])
def test_every_sentence_has_its_words_in_every_language(language: str) -> None:
    """None is missing, none is left over, and each is filled with the same values."""
    words = sayings(language)
    assert _told() == set(words)
    unlike = [key for key, text in words.items() if _places(key) != _places(text)]
    assert unlike == []


def _places(text: str) -> set[str]:
    return set(_PLACES.findall(text))


def test_a_sentence_is_not_put_together_where_it_is_said() -> None:
    """A template stands in the code, so that its words can be found: it is no f-string."""
    loose = [
        f"{where}: {ast.unparse(template)}"
        for where, template in _calls()
        if not isinstance(template, ast.Constant)
        and where not in _ELSEWHERE
        and ast.unparse(template) not in _VALUES
    ]
    assert loose == []


def test_a_sentence_within_one_is_said_in_the_same_language() -> None:
    """A status, or the reason within a reason, does not stay English."""
    said = Said("cannot be suspended: it is {status}", status=Said("In Progress"))
    german = Wording("de", zone_of("Europe/Berlin"))
    assert said == "cannot be suspended: it is In Progress"
    assert german.say(said) == "kann nicht angehalten werden: Der Status ist „In Arbeit“"
    both = together(said, "", Said("repeats run {id}", id=7))
    assert both == f"{said}; repeats run 7"
    assert german.say(both or "") == f"{german.say(said)}; wiederholt Lauf 7"


def test_what_has_no_words_is_said_in_english() -> None:
    """A text of another program, or of an earlier version, is shown as it is."""
    german = Wording("de", zone_of("UTC"))
    assert german.say("a text {of} others") == "a text {of} others"
    assert german.say(as_said("a text {of} others")) == "a text {of} others"
    assert german.say(Said("not in any file: {n}", n=3)) == "not in any file: 3"


@pytest.mark.parametrize(
    "said",
    [
        Said("the run is {status}", status=Said("Failed")),
        Said("it never comes"),
        Said("{count} rows", count=3),
        as_said('{"said": 1}'),
    ],
)
def test_a_sentence_survives_what_it_passes_through(said: Said) -> None:
    """Processes, the engine's steps and the store keep how it was made."""
    for again in (pickle.loads(pickle.dumps(said)), read(written(said)), known(said, forms(said))):  # noqa: S301 - made here
        assert again == said
        assert (again.template, again.values) == (said.template, said.values)


def test_what_an_earlier_version_wrote_is_read_as_it_is() -> None:
    """A reason without its form is a text; so is one that an older process has changed since."""
    assert read("no certificate") == "no certificate"
    assert read("17") == "17"
    assert known("changed", forms(Said("it never comes"))) == "changed"
    assert known("changed", None) == "changed"
