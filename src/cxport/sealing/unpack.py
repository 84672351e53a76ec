"""Unpacking an opened archive into a folder: every member, or none."""

from __future__ import annotations

import filecmp
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path

from cxport.domain.errors import InvalidInput
from cxport.domain.said import Said
from cxport.sealing.directory import contents, read_directory
from cxport.sealing.files import create


def unpack(archive: Path, folder: Path, *, overwrite: bool = False) -> tuple[str, ...]:
    """Unpack all members below a folder, which is made where it is missing; give their names.

    All or nothing: where anything is wrong, the folder is as it was before. A file that is
    there already with the same bytes stays (the parts of a set share their schemas); one with
    other bytes is refused, unless `overwrite`. Files can be read by their owner alone.

    Raises Damaged for an archive that is damaged or has an unsafe name, InvalidInput for what
    is in the way in the folder, and OSError where the disk fails.
    """
    with ExitStack() as undo:
        _make_folder(folder, undo)
        staging = tempfile.TemporaryDirectory(prefix=".unpack-", dir=folder)
        with staging as place, ExitStack() as undo_moves:
            names = _extract(archive, Path(place))
            moves = _Moves(folder, Path(place), undo_moves, overwrite=overwrite)
            for number, name in enumerate(names):
                moves.move(number, name)
            undo_moves.pop_all()
        undo.pop_all()
    return names


def _extract(archive: Path, staging: Path) -> tuple[str, ...]:
    """Unpack each member into a file named by its number; give the members' names."""
    with archive.open("rb") as file:
        entries = read_directory(file)
        for number, entry in enumerate(entries):
            with create(staging / str(number)) as member:
                member.writelines(contents(file, entry))
    return tuple(entry.name for entry in entries)


class _Moves:
    """Moves unpacked members to their places, in a way that can be undone."""

    def __init__(self, folder: Path, staging: Path, undo: ExitStack, *, overwrite: bool) -> None:
        self._folder = folder
        self._root = folder.resolve()
        self._staging = staging
        self._undo = undo
        self._overwrite = overwrite

    def move(self, number: int, name: str) -> None:
        staged, target = self._staging / str(number), self._folder / name
        if not target.parent.resolve().is_relative_to(self._root):
            raise InvalidInput(
                "folder", Said("{name} would lie outside the folder: a link leads away", name=name)
            )
        _make_folder(target.parent, self._undo)
        if os.path.lexists(target):
            if _same(staged, target):
                return
            self._move_away(target, number, name)
        staged.rename(target)
        self._undo.callback(target.unlink)

    def _move_away(self, target: Path, number: int, name: str) -> None:
        if not self._overwrite or target.is_dir():
            raise InvalidInput(
                "folder",
                Said("{name} is in the folder already", name=name),
                Said("an empty folder, or to overwrite"),
            )
        kept = self._staging / f"{number}.before"
        target.rename(kept)
        self._undo.callback(kept.rename, target)


def _same(staged: Path, target: Path) -> bool:
    return (
        target.is_file() and not target.is_symlink() and filecmp.cmp(staged, target, shallow=False)
    )


def _make_folder(folder: Path, undo: ExitStack) -> None:
    """Make a folder and those above it; undoing removes the ones that were made."""
    if folder.is_dir():
        return
    _make_folder(folder.parent, undo)
    folder.mkdir()
    undo.callback(folder.rmdir)
