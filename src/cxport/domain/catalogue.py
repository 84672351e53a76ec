"""What can be exported: families, data types, entities, and the fields of each, in file order.

Names and order of the interaction's own fields follow the vendor's guide; the rest is ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Family(StrEnum):
    """The family of a source: contact history, or tables of any database."""

    UCS = "UCS"
    DATASYNC = "DataSync"


class DataType(StrEnum):
    """What a UCS job exports."""

    INTERACTION = "Interaction"
    CONTACT = "Contact"


class Entity(StrEnum):
    """One kind of record; each has a member of its own in an archive."""

    EMAIL_IN = "EmailIn"
    EMAIL_OUT = "EmailOut"
    CHAT = "Chat"
    PHONE_CALL = "PhoneCall"
    CALLBACK = "Callback"
    CO_BROWSE = "CoBrowse"
    OPEN_MEDIA = "OpenMedia"
    CONTACT = "Contact"


#: entityTypeId of each interaction entity (UCS 8.5).
ENTITY_CODES: dict[Entity, int] = {
    Entity.EMAIL_IN: 0,
    Entity.EMAIL_OUT: 1,
    Entity.CHAT: 2,
    Entity.PHONE_CALL: 3,
    Entity.CALLBACK: 5,
    Entity.CO_BROWSE: 6,
    Entity.OPEN_MEDIA: 7,
}

#: The entities that each data type is made of, in the order in which they are exported.
ENTITIES: dict[DataType, tuple[Entity, ...]] = {
    DataType.INTERACTION: tuple(ENTITY_CODES),
    DataType.CONTACT: (Entity.CONTACT,),
}


class Kind(StrEnum):
    """The type of a field, and the Python value by which a source hands it over (or None)."""

    TEXT = "text"  # str
    INTEGER = "integer"  # int
    NUMBER = "number"  # int, float or Decimal
    BOOLEAN = "boolean"  # bool
    TIME = "time"  # str, ISO 8601 in UTC with milliseconds and Z
    BYTES = "bytes"  # bytes, written as base64
    OBJECT = "object"  # str or bytes: the JSON text of an object; base64 in the file if it is none
    LIST = "list"  # list of dict, JSON-ready (the attributes of a contact)


@dataclass(frozen=True)
class Field:
    """One field of a record: its key in the file and its kind."""

    name: str
    kind: Kind = Kind.TEXT


def _fields(text: str, kind: Kind = Kind.TEXT) -> tuple[Field, ...]:
    """Read `name name:kind ...`."""
    pairs = (word.partition(":") for word in text.split())
    return tuple(Field(name, Kind(given) if given else kind) for name, _, given in pairs)


#: Keys that every interaction line carries, in the documented order, after `id`.
INTERACTION_FIELDS: tuple[Field, ...] = _fields(
    "id ixnId status:integer entityTypeId:integer mediaTypeId typeId subtypeId externalId"
    " ownerId:integer contactId parentId startDate:time modifiedDate:time endDate:time threadId"
    " categoryId timeShift:integer subject text structuredText structTextMimetype theComment"
    " tenantId:integer subtenantId:integer threadHash:integer canBeParent:boolean"
    " creatorAppId:integer queueName allAttributes:object isSpam:boolean webSafeEmailStatus"
)

#: Keys that are written where the source has them.
OPTIONAL_INTERACTION_FIELDS: tuple[Field, ...] = (
    *_fields("isCategoryApproved:boolean stoppedReason lang"),
    *(Field(f"strAttribute{n}") for n in range(1, 11)),
    *(Field(f"intAttribute{n}", Kind.INTEGER) for n in range(1, 6)),
)

#: Keys that an entity adds to those of an interaction.
ENTITY_FIELDS: dict[Entity, tuple[Field, ...]] = {
    Entity.EMAIL_IN: _fields(
        "fromAddress fromPersonal replyToAddress toAddresses ccAddresses bccAddresses mailbox"
        " sentDate:time header"
    ),
    Entity.EMAIL_OUT: _fields(
        "fromAddress toAddresses ccAddresses bccAddresses sentDate:time reviewerId:integer"
        " standardResponseId"
    ),
    Entity.CHAT: _fields("establishedDate releasedDate", Kind.TIME),
    Entity.PHONE_CALL: _fields("duration:integer outcome phoneNumber tConnectionId"),
    Entity.CALLBACK: _fields(
        "callBackStatus:integer desiredResponseType:integer startTime:time endTime:time"
        " customerNumber attempts:integer dn location callbackServerId callResult:integer"
        " customData"
    ),
    Entity.CO_BROWSE: (),
    Entity.OPEN_MEDIA: (),
}

#: Keys of a contact line.
CONTACT_FIELDS: tuple[Field, ...] = _fields(
    "contactId tenantId:integer createdDate:time modifiedDate:time mergeId attributes:list"
)

#: Keys of one attribute of a contact.
CONTACT_ATTRIBUTE_FIELDS: tuple[Field, ...] = _fields(
    "name value isPrimary:boolean description mimeType modifiedDate:time"
)

#: Keys of an attachment line before its content; `sha256` and `content` follow
#: (size is in bytes).
ATTACHMENT_FIELDS: tuple[Field, ...] = _fields(
    "id entityid name description mimeType size:integer createdDate:time"
)


def entity_fields(entity: Entity) -> tuple[Field, ...]:
    """Give every field an entity may have, optional ones included, in file order."""
    if entity == Entity.CONTACT:
        return CONTACT_FIELDS
    return (*INTERACTION_FIELDS, *OPTIONAL_INTERACTION_FIELDS, *ENTITY_FIELDS[entity])


#: Media type ids known to the vendor's products; a mapping may name others.
MEDIA_TYPES: tuple[str, ...] = tuple(
    "voice voip email vmail smail chat video cobrowsing whiteboard appsharing webform workitem"  # noqa: SIM905 - a list of 26 quoted words reads worse
    " callback fax imchat sms mms smssession mmssession facebook twitter outboundpreview auxwork"
    " trainingitem webcallback survey".split()
)
