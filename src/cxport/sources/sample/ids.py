"""Ids as the vendor's products make them: 16 characters, each greater than the one before.

Upper case and digits only, so that every collation puts them into the same order.
"""

from __future__ import annotations


def interaction_id(number: int) -> str:
    """Give the id of an interaction; the thread of conversation number n has one too."""
    return f"0001A{number:011X}"


def document_id(number: int) -> str:
    """Give the id of a document."""
    return f"0001B{number:011X}"


def attachment_id(number: int) -> str:
    """Give the id of an attachment."""
    return f"0001C{number:011X}"


def contact_id(number: int) -> str:
    """Give the id of a contact."""
    return f"0001D{number * 13:011X}"


def attribute_id(number: int, place: int) -> str:
    """Give the id of the attribute of a contact at a place (below 64)."""
    return f"0001E{number * 64 + place:011X}"


def thread_id(number: int) -> str:
    """Give the id of a conversation."""
    return f"0001F{number:011X}"
