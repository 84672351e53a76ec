"""The folder that a demo lives in: made anew each time, for its owner alone."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from cxport.cli.exit_codes import ExitCode
from cxport.cli.stop import Stop

_MARK = ".cxport-demo"


@dataclass(frozen=True)
class DemoFolder:
    """Where everything of a demo is found."""

    path: Path

    @classmethod
    def made_anew(cls, path: Path) -> DemoFolder:
        """Make the folder; one that is there already is replaced only if a demo made it."""
        if path.is_symlink() or path.exists():
            if not (path / _MARK).is_file() or path.is_symlink():
                raise Stop(
                    f"{path} is there already and was not made by a demo",
                    hint="cxport demo OTHER-FOLDER",
                    code=ExitCode.USAGE,
                )
            shutil.rmtree(path)
        path.mkdir(mode=0o700, parents=True)
        (path / _MARK).touch(mode=0o600)
        return cls(path)

    @property
    def database(self) -> Path:
        """The sample contact centre."""
        return self.path / "contact-centre.sqlite"

    @property
    def key(self) -> Path:
        """The private key."""
        return self.path / "key.pem"

    @property
    def certificate(self) -> Path:
        """The certificate of the key."""
        return self.path / "cert.pem"

    @property
    def data(self) -> Path:
        """The installation."""
        return self.path / "data"

    @property
    def profile(self) -> Path:
        """What the demo's client signs in with."""
        return self.path / "profile.json"

    @property
    def log(self) -> Path:
        """What the service said."""
        return self.path / "service.log"

    @property
    def downloads(self) -> Path:
        """The sealed files and their manifest."""
        return self.path / "downloads"

    @property
    def opened(self) -> Path:
        """The unpacked archive."""
        return self.path / "opened"

    @property
    def script(self) -> Path:
        """The same steps for a shell."""
        return self.path / "with-curl.sh"

    def contents(self) -> tuple[tuple[Path, str], ...]:
        """Give what is to be found here, and what it is."""
        return (
            (self.database, "the sample contact centre (SQLite)"),
            (self.key, "the private key: it opens the export"),
            (self.certificate, "its certificate: the export is sealed to it"),
            (self.data, "the installation: store, sealed objects, master key"),
            (self.profile, "API key, client and administrator (for --profile)"),
            (self.downloads, "the sealed export and its signed manifest"),
            (self.opened, "what was in it: JSON Lines, and the schema of each entity"),
            (self.log, "the service's log"),
        )
