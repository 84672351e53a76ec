"""The names of the members of an archive."""

from __future__ import annotations

from dataclasses import dataclass

from cxport.domain.selection import Content


@dataclass(frozen=True, kw_only=True)
class MemberNames:
    """Names for one part: `EmailIn-17.json`, in a set of several files `EmailIn-17-00002.json`."""

    run_id: int
    #: The part's number, None where the run is a single file.
    number: int | None

    @property
    def _suffix(self) -> str:
        return f"{self.run_id}" if self.number is None else f"{self.run_id}-{self.number:05}"

    def lines(self, entity: str, content: Content) -> str:
        """Name the member that holds an entity's records or attachments."""
        if content is Content.ATTACHMENTS:
            return f"{entity}-Attachment-{self._suffix}.json"
        return f"{entity}-{self._suffix}.json"

    def table(self, name: str) -> str:
        """Name the member that holds a table: `orders.csv`, in a set `orders-17-00002.csv`."""
        return f"{name}.csv" if self.number is None else f"{name}-{self._suffix}.csv"

    @property
    def errors(self) -> str:
        """Name the member that holds what was skipped."""
        return f"errors-{self._suffix}.jsonl"

    @property
    def warnings(self) -> str:
        """Name the member that holds what was exported, but is not as it should be."""
        return f"warnings-{self._suffix}.jsonl"

    @staticmethod
    def schema(entity: str, content: Content) -> str:
        """Name the JSON Schema of an entity's records or attachments."""
        kind = "-Attachment" if content is Content.ATTACHMENTS else ""
        return f"schema/{entity}{kind}.schema.json"
