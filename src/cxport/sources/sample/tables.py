"""The tables of the sample: the default names and types of UCS 8.5, for each database."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """A table: its columns as (name, type word), the first its key, and what is indexed."""

    name: str
    columns: tuple[tuple[str, str], ...]
    indexes: tuple[str, ...] = ()

    def insert(self, mark: str) -> str:
        """Give the statement that inserts a row; `mark` stands for a value."""
        marks = ", ".join(mark for _ in self.columns)
        return f"INSERT INTO {self.name} VALUES ({marks})"  # noqa: S608 - a name of ours


def _table(name: str, columns: str, indexes: tuple[str, ...] = ()) -> Table:
    """Read `Name:type Name:type ...`; the first column is the key."""
    pairs = (word.partition(":") for word in columns.split())
    return Table(name, tuple((column, kind) for column, _, kind in pairs), indexes)


#: In the order in which they are made and filled. A type word is `id`, `clob`, `blob`, `time`,
#: `flag`, `small`, `number`, or the length of a string.
TABLES: tuple[Table, ...] = (
    _table(
        "Contact",
        "Id:id TenantId:number CreatedDate:time ModifiedDate:time MergeId:id",
        ("CreatedDate", "ModifiedDate"),
    ),
    _table(
        "ContactAttribute",
        "AttributeId:id ContactId:id AttributeName:64 StrValue:256 DateValue:time IsPrimary:flag"
        " MimeType:64 Description:256 ModifiedDate:time",
        ("ContactId",),
    ),
    _table(
        "Interaction",
        "Id:id Status:small EntityTypeId:small MediaTypeId:32 TypeId:32 SubtypeId:32"
        " ExternalId:256 OwnerId:number ContactId:id ParentId:id StartDate:time ModifiedDate:time"
        " EndDate:time ThreadId:id CategoryId:id TimeShift:small Subject:512 Text:clob"
        " StructuredText:clob StructTextMimeType:256 TheComment:clob TenantId:number"
        " SubtenantId:number ThreadHash:number CanBeParent:flag CreatorAppId:number QueueName:64"
        " AllAttributes:blob IsSpam:flag WebSafeEmailStatus:32 IsCategoryApproved:flag"
        " StoppedReason:64 Lang:64 StrAttribute1:256 StrAttribute2:256 StrAttribute3:256"
        " StrAttribute4:256 StrAttribute5:256 StrAttribute6:256 StrAttribute7:256"
        " StrAttribute8:256 StrAttribute9:256 StrAttribute10:256 IntAttribute1:number"
        " IntAttribute2:number IntAttribute3:number IntAttribute4:number IntAttribute5:number",
        ("StartDate", "ModifiedDate", "EntityTypeId", "ContactId", "ThreadId", "ParentId"),
    ),
    _table(
        "EmailIn",
        "Id:id FromAddress:256 FromPersonal:256 ReplyToAddress:256 ToAddresses:clob"
        " CcAddresses:clob BccAddresses:clob Mailbox:256 SentDate:time Header:clob",
    ),
    _table(
        "EmailOut",
        "Id:id FromAddress:256 ToAddresses:clob CcAddresses:clob BccAddresses:clob SentDate:time"
        " ReviewerId:number StandardResponseId:id",
    ),
    _table("Chat", "Id:id EstablishedDate:time ReleasedDate:time"),
    _table("PhoneCall", "Id:id Duration:number Outcome:64 PhoneNumber:64 TConnectionId:32"),
    _table(
        "Callback",
        "Id:id CallBackStatus:small DesiredResponseType:small StartTime:time EndTime:time"
        " CustomerNumber:64 Attempts:small Dn:64 Location:64 CallbackServerId:id CallResult:small"
        " CustomData:clob",
    ),
    _table(
        "Document",
        "Id:id TheName:256 Description:256 MimeType:128 TheSize:number CreatedDate:time"
        " Content:blob",
    ),
    _table(
        "Attachment",
        "Id:id InteractionId:id DocumentId:id",
        ("InteractionId, Id", "DocumentId"),
    ),
)


@dataclass(frozen=True)
class Ddl:
    """How one database wants its tables made."""

    types: dict[str, str]
    options: str = ""
    #: What, before the name of a table, makes the database count what it holds.
    analyze: str = "ANALYZE"

    def create(self, table: Table) -> str:
        """Give the statement that makes a table, with its primary key."""
        key, *others = (f"{name} {self._type(kind)}" for name, kind in table.columns)
        columns = ", ".join((f"{key} NOT NULL PRIMARY KEY", *others))
        return f"CREATE TABLE {table.name} ({columns}){self.options}"

    def indexes(self, table: Table) -> list[str]:
        """Give the statements that make its indexes: run last, as that is quicker."""
        return [
            f"CREATE INDEX {_index_name(table, columns)} ON {table.name} ({columns})"
            for columns in table.indexes
        ]

    def _type(self, kind: str) -> str:
        return self.types.get(kind) or f"VARCHAR({kind})"


def _index_name(table: Table, columns: str) -> str:
    return f"Ix{table.name}{columns.replace(', ', '')}"


_COMMON = {"id": "VARCHAR(16)", "small": "SMALLINT", "number": "BIGINT"}

SQLITE = Ddl(
    _COMMON
    | {"clob": "TEXT", "blob": "BLOB", "time": "TIMESTAMP", "flag": "BOOLEAN", "number": "INTEGER"}
)
POSTGRESQL = Ddl(
    _COMMON | {"clob": "TEXT", "blob": "BYTEA", "time": "TIMESTAMP(3)", "flag": "BOOLEAN"}
)
MARIADB = Ddl(
    _COMMON | {"clob": "LONGTEXT", "blob": "LONGBLOB", "time": "DATETIME(3)", "flag": "TINYINT(1)"},
    " DEFAULT CHARACTER SET utf8mb4",
    "ANALYZE TABLE",
)
