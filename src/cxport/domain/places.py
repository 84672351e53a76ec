"""Where a source may lie that is added over the network: what the operator allows, no more."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cxport.domain.errors import InvalidInput
from cxport.domain.said import Said


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a DSN leads: a file, or a database of a server."""

    file: Path | None = None
    host: str = ""
    port: int = 0
    database: str = ""


@dataclass(frozen=True, kw_only=True)
class AllowedPlaces:
    """Hosts (`db.example.com`, or with `:port`) and folders; empty means none.

    Our own data folder is never allowed, nor the database that holds our store.
    """

    hosts: tuple[str, ...] = ()
    folders: tuple[Path, ...] = ()
    own_folder: Path | None = None
    own_database: Place | None = None

    def check(self, place: Place) -> Place:
        """Give the place as it is to be kept: a file without links.

        Raises InvalidInput (`dsn`), the same for what is not allowed and what is not there.
        """
        allowed = self._file(place.file) if place.file else self._server(place)
        if allowed is None:
            raise InvalidInput(
                "dsn",
                Said("the DSN leads to a place that is not allowed to be added over the network"),
                Said(
                    "a host of the setting source_hosts, or a file in a folder of "
                    "source_folders; or have it added on the host: cxport source add"
                ),
            )
        return allowed

    def _file(self, file: Path) -> Place | None:
        try:
            real = file.resolve(strict=True)
            folders = [folder.resolve(strict=True) for folder in self.folders]
        except (OSError, RuntimeError, ValueError):
            return None
        inside = any(real.is_relative_to(folder) for folder in folders)
        if not file.is_absolute() or not real.is_file() or not inside or self._is_ours(real):
            return None
        return Place(file=real)

    def _is_ours(self, real: Path) -> bool:
        """Tell whether a file lies in our folder, or is one of it by another name."""
        if self.own_folder is None or not self.own_folder.exists():
            return False
        own = self.own_folder.resolve()
        if real.is_relative_to(own):
            return True
        return any(real.samefile(one) for one in own.iterdir() if one.is_file())

    def _server(self, place: Place) -> Place | None:
        host = place.host.casefold().rstrip(".")
        named = {one.casefold() for one in self.hosts}
        own = self.own_database
        ours = own is not None and place.port == own.port and place.database == own.database
        if ours or not named & {host, f"{host}:{place.port}"}:
            return None
        return place
