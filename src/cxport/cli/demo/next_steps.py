"""What to type next: the demo's steps for a shell, with curl and openssl."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cxport.cli.output import say

if TYPE_CHECKING:
    from cxport.cli.demo.folder import DemoFolder

#: It reads the secrets from profile.json and hands them to curl on standard input or in a file
#: of its own, never as arguments, which every user of a machine can see.
_SCRIPT = r"""#!/bin/sh
# The steps of the demo with curl and openssl. First, in another terminal:
#   cxport serve --data data --port 8080
set -eu
umask 077
cd "$(dirname "$0")"
url=${1:-http://127.0.0.1:8080}
field() { sed -n 's/.*"'"$1"'": *"\{0,1\}\([^",}]*\).*/\1/p' | head -n 1; }
profile() { field "$1" < profile.json; }

# 1. sign in: the client's secret for a token
printf 'x-api-key: %s\n' "$(profile api_key)" > headers.txt
printf 'grant_type=client_credentials&client_id=%s&client_secret=%s' \
  "$(profile client_id)" "$(profile client_secret)" |
  curl -sS --fail -H @headers.txt -d @- "$url/auth/v3/oauth/token" > token.json
printf 'Authorization: Bearer %s\n' "$(field access_token < token.json)" >> headers.txt
api() { curl -sS --fail -H @headers.txt "$@"; }

# 2. the certificate that exports are sealed to
api -F file=@cert.pem "$url/udm/v10/cipher/cert.pem" > /dev/null

# 3. an export of everything, with attachments
job=$(api -H 'Content-Type: application/json' -d '{
  "source": "contact-centre", "type": "UCS", "title": "With curl", "suspended": false,
  "timeFrame": {"all": true}, "schedulerParam": {"immediately": true},
  "jobParams": {"type": "Interaction", "media": [], "exportAttachments": true}
}' "$url/udm/v10/export/jobs" | field id)

# 4. wait for it, and find its file
until api "$url/udm/v10/export/history/$job" > run.json &&
  grep -qE '"(Completed|Failed|Cancelled|No Data)' run.json; do sleep 1; done
file=$(field fileName < run.json)

# 5. download it through its link, and open it
api -L -o "$file" "$url/udm/v10/files/$file"
openssl smime -decrypt -inkey key.pem -in "$file" -out with-curl.zip
rm headers.txt token.json run.json
python3 -m zipfile -l with-curl.zip
"""


def write_next_steps(place: DemoFolder) -> None:
    """Leave the same steps as a script, and say what to type."""
    place.script.write_text(_SCRIPT)
    place.script.chmod(0o700)
    path, cxport = place.path, _program()
    say("\nNext, the same by hand. In one terminal:")
    say(f"  {cxport} serve --data {place.data}")
    say("Open http://127.0.0.1:8080/ in a browser: sign in as tenant default, user name admin,")
    say(f"with the password that stands in {place.profile}")
    say("In another, with our own commands:")
    say(f"  export CXPORT_PROFILE={place.profile}")
    say(f"  {cxport} job create --source contact-centre --title Again --attachments --wait")
    say(f"  {cxport} file list")
    say(f"  {cxport} file download --run ID --to {place.downloads}")
    say(f"  {cxport} open --key {place.key} --unpack {path}/again {place.downloads}/FILE.smime")
    say(f"Or with curl and `openssl smime -decrypt`: sh {place.script}")
    say("\n" + _SCRIPT.partition("# 1.")[2].join(("# 1.", "")).rstrip())


def _program() -> str:
    """Give the command as it can be typed here: by its path where the shell would not find it."""
    if shutil.which("cxport"):
        return "cxport"
    as_module = Path(sys.argv[0]).name == "__main__.py"
    return f"{sys.executable} -m cxport" if as_module else sys.argv[0]
