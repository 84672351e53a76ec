"""Links that an S3 storage itself answers, signed by AWS Signature Version 4.

Written here because obstore signs no `response-content-disposition`, without which a browser
would save the object's key. Follows "Authenticating Requests: Using Query Parameters" of the S3
API reference.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlsplit

_ALGORITHM = "AWS4-HMAC-SHA256"
_LONGEST = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class Presigner:
    """Signs links to the objects of a bucket; nothing is asked of the storage."""

    #: `https://host:port` of the S3 service.
    endpoint: str
    bucket: str
    #: In front of each key, without a slash at its end; empty where there is none.
    prefix: str
    region: str
    access_key: str
    secret_key: str = field(repr=False)

    def link(self, key: str, name: str, lifetime: timedelta, now: datetime) -> str:
        """Give a link that downloads an object under a name, in any script, until it is too old.

        The storage counts whole seconds, one at least and seven days at most.
        """
        seconds = int(max(timedelta(seconds=1), min(lifetime, _LONGEST)).total_seconds())
        at = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        scope = f"{at[:8]}/{self.region}/s3/aws4_request"
        query = {
            "X-Amz-Algorithm": _ALGORITHM,
            "X-Amz-Credential": f"{self.access_key}/{scope}",
            "X-Amz-Date": at,
            "X-Amz-Expires": str(seconds),
            "X-Amz-SignedHeaders": "host",
            "response-cache-control": "no-store",
            "response-content-disposition": disposition(name),
            "response-content-type": "application/octet-stream",
        }
        path = "/" + quote("/".join(filter(None, (self.bucket, self.prefix, key))), safe="/-_.~")
        words = "&".join(f"{_quoted(k)}={_quoted(v)}" for k, v in sorted(query.items()))
        host = urlsplit(self.endpoint).netloc
        request = "\n".join(["GET", path, words, f"host:{host}", "", "host", "UNSIGNED-PAYLOAD"])
        return (
            f"{self.endpoint}{path}?{words}&X-Amz-Signature={self._signature(request, at, scope)}"
        )

    def _signature(self, request: str, at: str, scope: str) -> str:
        hashed = hashlib.sha256(request.encode()).hexdigest()
        key = f"AWS4{self.secret_key}".encode()
        for word in (*scope.split("/"), f"{_ALGORITHM}\n{at}\n{scope}\n{hashed}"):
            key = hmac.digest(key, word.encode(), "sha256")
        return key.hex()


def disposition(name: str) -> str:
    """Give the `Content-Disposition` of a download under a name in any script (RFC 6266).

    Clients that know no `filename*` get the ASCII part, others the name itself.
    """
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _quoted(text: str) -> str:
    return quote(text, safe="-_.~")
