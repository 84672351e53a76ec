"""Which names a member of an archive may have: the same rule when it is written and read."""

from __future__ import annotations

_LONGEST = 0xFFFF  # bytes: a zip header counts a name's length in 16 bits


def fault_of(name: str) -> str:
    """Say what is wrong with a member's name; empty where nothing is.

    A good name is a relative path of `/`-separated words that stays below the folder into which
    it is unpacked, on any system.
    """
    if not name.isprintable():
        return "has a control character"
    if len(name.encode("utf-8", "surrogatepass")) > _LONGEST:
        return "is too long"
    if "\\" in name or ":" in name:
        return "has a backslash or a colon"
    if name.startswith("/"):
        return "is absolute"
    if any(word in {"", ".", ".."} for word in name.split("/")):
        return "has an empty word, `.` or `..`"
    return ""
