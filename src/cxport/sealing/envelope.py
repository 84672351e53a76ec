"""CMS messages read as a stream, in constant memory: what `cms` writes, and OpenSSL's own.

Opened are EnvelopedData with AES-256-CBC and AuthEnvelopedData with AES-256-GCM, of definite or
indefinite length, whose content key travels by RSA PKCS#1 v1.5 or RSA-OAEP with SHA-256.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from cxport.domain.errors import Damaged, NotForThisKey
from cxport.domain.sealing import Profile
from cxport.sealing import ber, schemes
from cxport.sealing.base import Octets

#: What a zip archive begins with: its first member, or the end of an empty directory.
_ARCHIVE_STARTS = (b"PK\x03\x04", b"PK\x05\x06")


class Envelope:
    """A sealed archive: construct it to read up to the content, then iterate `archive` once.

    Raises NotForThisKey where the key opens none of the content keys, and Damaged for anything
    that is not exactly one such message.
    """

    def __init__(self, chunks: Iterable[Octets], key: RSAPrivateKey) -> None:
        reader = self._reader = ber.Reader(chunks)
        reader.enter(ber.SEQUENCE)
        self.profile = _profile(reader.element(ber.OID))
        reader.enter(ber.CONTEXT_0_CONSTRUCTED)
        reader.enter(ber.SEQUENCE)
        reader.element(ber.INTEGER)  # the version follows from the rest (RFC 5652, 6.1)
        self._keys = _content_keys(reader.content(ber.SET), key)
        reader.enter(ber.SEQUENCE)
        if reader.element(ber.OID) != schemes.DATA:
            raise Damaged("the sealed file holds something else than plain data")
        self._mode = _mode(self.profile, reader.element(ber.SEQUENCE))

    def archive(self) -> Iterator[bytes]:
        """Yield the archive. Nothing of it is to be trusted before the last piece has come."""
        pieces = self._reader.octets(ber.CONTEXT_0)
        first = _first_block(pieces)
        key = self._key_under(first)
        try:
            yield from self._decrypted(key, chain((first,), pieces))
        except (ValueError, InvalidTag):
            raise Damaged("the sealed file is damaged: its padding or tag is wrong") from None
        for _ in ("EnvelopedData", "its explicit tag", "ContentInfo"):
            self._reader.leave()
        if self._reader.more():
            raise Damaged("the sealed file goes on after its end")

    def _key_under(self, first: bytes) -> bytes:
        """Choose the content key under which the content begins like an archive.

        RSA PKCS#1 v1.5 cannot tell: for another's key the library gives random bytes instead of
        an error, so that nobody learns from asking often.
        """
        for key in self._keys:
            decryptor = Cipher(algorithms.AES256(key), self._mode).decryptor()
            if decryptor.update(first).startswith(_ARCHIVE_STARTS):
                return key
        raise NotForThisKey("the file was not sealed to this key, or its beginning is damaged")

    def _decrypted(self, key: bytes, pieces: Iterable[Octets]) -> Iterator[bytes]:
        if isinstance(self._mode, modes.GCM):
            return self._authenticated(Cipher(algorithms.AES256(key), self._mode), pieces)
        return self._padded(Cipher(algorithms.AES256(key), self._mode), pieces)

    def _padded(self, cipher: Cipher[modes.CBC], pieces: Iterable[Octets]) -> Iterator[bytes]:
        decryptor = cipher.decryptor()
        last = b""
        for piece in pieces:
            # only what comes last has a padding to be taken off: all else is not copied again
            if found := decryptor.update(piece):
                yield last
                last = found
        unpadder = PKCS7(8 * schemes.BLOCK_BYTES).unpadder()
        yield unpadder.update(last + decryptor.finalize()) + unpadder.finalize()
        self._reader.leave()

    def _authenticated(
        self, cipher: Cipher[modes.GCM], pieces: Iterable[Octets]
    ) -> Iterator[bytes]:
        decryptor = cipher.decryptor()
        for piece in pieces:
            yield decryptor.update(piece)
        self._reader.leave()
        decryptor.finalize_with_tag(self._reader.content(ber.OCTET_STRING))


def _profile(kind: bytes) -> Profile:
    if kind == schemes.ENVELOPED_DATA:
        return Profile.COMPAT
    if kind == schemes.AUTH_ENVELOPED_DATA:
        return Profile.STRICT
    raise Damaged("this is no sealed file: it is CMS of another kind")


def _content_keys(infos: bytes, key: RSAPrivateKey) -> list[bytes]:
    """Decrypt what may be the content key, of each recipient that is reached by RSA."""
    reader = ber.Reader([infos])
    keys = []
    while reader.more():
        if reader.next_tag() == ber.SEQUENCE:
            keys += _content_key(reader, key)
        else:
            reader.element(reader.next_tag())
    if not keys:
        raise NotForThisKey("the file was not sealed to this key")
    return keys


def _content_key(reader: ber.Reader, key: RSAPrivateKey) -> list[bytes]:
    """Read a KeyTransRecipientInfo (RFC 5652, 6.2.1); none where it is another's."""
    reader.enter(ber.SEQUENCE)
    reader.element(ber.INTEGER)
    reader.element(reader.next_tag())  # a key alone does not tell whose certificate it belongs to
    transport = schemes.KEY_TRANSPORTS.get(reader.element(ber.SEQUENCE))
    encrypted = reader.content(ber.OCTET_STRING)
    reader.leave()
    try:
        found = key.decrypt(encrypted, transport.padding) if transport else b""
    except ValueError:
        return []
    return [found] if len(found) == schemes.KEY_BYTES else []


def _mode(profile: Profile, identifier: bytes) -> modes.CBC | modes.GCM:
    """Read an AlgorithmIdentifier and refuse all but the one that belongs to the profile."""
    reader = ber.Reader([identifier])
    reader.enter(ber.SEQUENCE)
    reader.element(ber.OID)
    if profile is Profile.STRICT:
        reader.enter(ber.SEQUENCE)
    vector = reader.content(ber.OCTET_STRING)
    if profile is Profile.STRICT and identifier == schemes.aes256_gcm(vector):
        return modes.GCM(vector)
    if profile is Profile.COMPAT and identifier == schemes.aes256_cbc(vector):
        return modes.CBC(vector)
    raise Damaged("the sealed file is encrypted in another way than AES-256-CBC or AES-256-GCM")


def _first_block(pieces: Iterator[memoryview]) -> bytes:
    first = b""
    while len(first) < schemes.BLOCK_BYTES:
        if (piece := next(pieces, None)) is None:
            raise Damaged("the sealed file is too short to hold an archive")
        first += piece
    return first
