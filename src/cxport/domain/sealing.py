"""The two ways in which an archive is sealed."""

from __future__ import annotations

from enum import StrEnum


class Profile(StrEnum):
    """How an archive is sealed to its recipients."""

    #: S/MIME text that `openssl smime -decrypt` opens: RSA PKCS#1 v1.5, AES-256-CBC, base64.
    COMPAT = "compat"
    #: CMS AuthEnvelopedData, DER: RSA-OAEP (SHA-256), AES-256-GCM.
    STRICT = "strict"


#: No sealed file is larger: OpenSSL cannot decrypt one of about 1.7 GB or more.
MAX_SEALED_BYTES = 1_600_000_000
#: The smallest split size that is accepted.
MIN_SPLIT_BYTES = 1024 * 1024
#: Used where a job names no split size.
DEFAULT_SPLIT_BYTES = 512 * 1024 * 1024
