"""Where sealed objects are kept: a local folder or S3, behind one small protocol."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from cxport.blobs.base import Blobs, BlobSettings, Signer
from cxport.domain.errors import SetupError

__all__ = ["BlobSettings", "Blobs", "Signer", "connect", "signer"]


def connect(settings: BlobSettings) -> Blobs:
    """Give the storage that settings name; nothing is asked of it yet.

    Raises SetupError for settings that are none. Safe to share between threads; a forked process
    makes its own.
    """
    scheme = urlsplit(settings.url).scheme
    if scheme == "file":
        from cxport.blobs.local import LocalBlobs

        return LocalBlobs(_folder(settings.url))
    if scheme == "s3":
        from cxport.blobs.s3 import S3Blobs

        return S3Blobs(settings)
    raise SetupError("the URL of the storage begins with file:/// or s3://")


def signer(settings: BlobSettings) -> Signer:
    """Give what signs the storage's own links; SetupError for a storage that has none."""
    if urlsplit(settings.url).scheme != "s3":
        raise SetupError("links of the storage need blobs in S3: a folder has none")
    from cxport.blobs.s3 import presigner

    return presigner(settings)


def _folder(url: str) -> Path:
    found = urlsplit(url)
    folder = Path(unquote(found.path))
    extra = found.query or found.fragment or "\0" in str(folder)
    if found.netloc or extra or not folder.is_absolute() or folder == Path("/"):
        raise SetupError("the URL of the storage is not of the form file:///absolute/folder")
    return folder
