"""Scripts that fetch a set of files, check and open them; whoever runs them brings the secrets.

Names, digests and the address are of our own making, and hold nothing that a shell would take
for more than itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from cxport.domain.artifact import Artifact

_WITH_OPENSSL = """\
#!/bin/sh
# Fetches sealed files from CXPort ({count}), checks their digests and opens them.
# In the environment: CXPORT_API_KEY, CXPORT_CLIENT_ID, CXPORT_CLIENT_SECRET,
# and KEY, the file of your private key.
set -eu
: "${{CXPORT_API_KEY:?}}" "${{CXPORT_CLIENT_ID:?}}" "${{CXPORT_CLIENT_SECRET:?}}" "${{KEY:?}}"
URL='{url}'

# secrets go by standard input: others can read command lines
TOKEN=$(printf 'user = "%s:%s"\\n' "$CXPORT_CLIENT_ID" "$CXPORT_CLIENT_SECRET" |
  curl -fsS -K - -d grant_type=client_credentials "$URL/auth/v3/oauth/token" |
  sed -n 's/.*"access_token": *"\\([^"]*\\)".*/\\1/p')

fetch() {{
  printf 'header = "x-api-key: %s"\\nheader = "Authorization: Bearer %s"\\n' \\
    "$CXPORT_API_KEY" "$TOKEN" |
    curl -fsSL -K - -o "$1" "$URL/udm/v10/files/$1"
}}

open_file() {{
  case $(head -c 4 "$1") in
    MIME) openssl smime -decrypt -inkey "$KEY" -in "$1" -out "${{1%.smime}}.zip" ;;
    *) openssl cms -decrypt -inform DER -inkey "$KEY" -in "$1" -out "${{1%.smime}}.zip" ;;
  esac
}}

while read -r DIGEST NAME; do
  fetch "$NAME"
  echo "$DIGEST  $NAME" | sha256sum -c -
  open_file "$NAME"
done <<'FILES'
{lines}
FILES
"""

_WITH_CXPORT = """\
# In the environment: CXPORT_API_KEY, CXPORT_CLIENT_ID, CXPORT_CLIENT_SECRET,
# and KEY, the file of your private key.
export CXPORT_URL='{url}'
cxport file download {names}
cxport open --key "$KEY" {names}
"""


def with_openssl(url: str, files: Sequence[Artifact]) -> str:
    """Write a script for curl and OpenSSL; both profiles are opened, damage is noticed before."""
    lines = "\n".join(f"{file.sha256} {file.name}" for file in files)
    return _WITH_OPENSSL.format(count=len(files), url=url, lines=lines)


def with_cxport(url: str, files: Sequence[Artifact]) -> str:
    """Write the same with our own commands, which check the signed manifest besides."""
    names = " \\\n  ".join(["", *(file.name for file in files)]).lstrip(" ")
    return _WITH_CXPORT.format(url=url, names=names)
