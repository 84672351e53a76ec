"""All rows of the sample, in batches that each database writes in the same order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from cxport.domain.catalogue import ENTITIES, DataType, Entity
from cxport.sources.sample.conversations import Conversations
from cxport.sources.sample.documents import Documents
from cxport.sources.sample.interactions import Ledger, Tables
from cxport.sources.sample.people import People
from cxport.sources.sample.text import Tokens, languages

#: Interactions of a batch.
_BATCH = 1000
#: Interactions to each contact.
_PER_CONTACT = 12


@dataclass(frozen=True)
class SampleCounts:
    """What a sample holds."""

    #: Records of each entity, contacts included.
    rows: dict[Entity, int]
    #: Of these, the records without a time (StartDate; of contacts CreatedDate).
    undated: dict[Entity, int]
    attachments: int
    contact_attributes: int

    @property
    def interactions(self) -> int:
        """Interactions of all entities."""
        return sum(self.rows.values()) - self.rows[Entity.CONTACT]


class SampleRows:
    """The rows of one sample: the same for the same seed and number of interactions."""

    def __init__(self, interactions: int, seed: int) -> None:
        draw = Random(seed).random  # noqa: S311 - nothing here is secret
        self._people = People(1 + interactions // _PER_CONTACT, languages(draw), draw)
        self._ledger = Ledger(interactions, draw, Tokens(seed, draw))
        self._conversations = Conversations(self._ledger, self._people, Documents(seed))
        self._undated_contacts = 0
        self._contact_attributes = 0

    def batches(self) -> Iterator[tuple[Tables, int]]:
        """Yield rows by table, once, and how many interactions were made with them so far."""
        for first in range(0, self._people.count, _BATCH):
            yield self._contacts(range(first, min(first + _BATCH, self._people.count))), 0
        for tables in self._conversations.batches(_BATCH):
            yield tables, self._ledger.made

    def counts(self) -> SampleCounts:
        """Tell what was made so far."""
        entities = ENTITIES[DataType.INTERACTION]
        return SampleCounts(
            rows={entity: self._ledger.counts[entity] for entity in entities}
            | {Entity.CONTACT: self._people.count},
            undated={entity: self._ledger.undated[entity] for entity in entities}
            | {Entity.CONTACT: self._undated_contacts},
            attachments=self._conversations.attachments,
            contact_attributes=self._contact_attributes,
        )

    def _contacts(self, numbers: range) -> Tables:
        attributes = [row for number in numbers for row in self._people.attributes(number)]
        self._contact_attributes += len(attributes)
        self._undated_contacts += sum(map(self._people.undated, numbers))
        return {
            "Contact": [self._people.contact(number) for number in numbers],
            "ContactAttribute": attributes,
        }
