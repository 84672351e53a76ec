"""Forms as browsers read and send them."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import httpx2
from fastapi.testclient import TestClient


def shown(html: str, form_id: str = "job-form") -> dict[str, object]:
    """Read a form as HTML says that browsers do (4.10.22.4)."""
    reader = FormReader()
    reader.feed(html.partition(f'id="{form_id}"')[2].partition("</form>")[0])
    return dict(reader.values)


class FormReader(HTMLParser):
    """Collects what a form would send."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self._area: str | None = None
        self._text = ""
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a field."""
        found = {name: value or "" for name, value in attrs}
        if tag == "textarea":
            self._area, self._text = found["name"], ""
        elif tag == "select":
            self._select = found["name"]
        elif tag == "option" and "selected" in found:
            self._keep(self._select, found.get("value", ""))
        elif tag == "input" and (
            found.get("type") not in {"radio", "checkbox"} or "checked" in found
        ):
            self._keep(found["name"], found["value"])

    def handle_data(self, data: str) -> None:
        """Take a text that is inside a field."""
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        """End a field; the first line end of a text is the page's own."""
        if tag == "textarea" and self._area:
            self._keep(self._area, self._text.removeprefix("\n").replace("\n", "\r\n"))
            self._area = None

    def _keep(self, name: str, value: str) -> None:
        self.values.setdefault(name, []).append(value)


def wrong(answer: httpx2.Response) -> dict[str, str]:
    """Give what is said to be wrong, by the field that it is said of."""
    found = re.findall(
        r'class="invalid-feedback console-wrong" id="says-([^"]+)">(.*?)</div>',
        answer.text,
        re.DOTALL,
    )
    return {field: unescape(re.sub(r"<[^>]+>", "", said)) for field, said in found}


def text_of(html: str) -> str:
    """Give what a person reads, spaces drawn together."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def sent_back(client: TestClient, path: str, **changed: object) -> httpx2.Response:
    """Open a form as a browser does, and save it as it is, but for what is changed."""
    page = client.get(f"/console/jobs{path}")
    assert page.status_code == 200
    form = {**shown(page.text), **changed, "do": "save"}
    return client.post(f"/console/jobs{path}", data=form)
