"""`version`: what runs here, for a report of a problem."""

import platform
import sys

from cxport import __version__
from cxport.cli.output import Json, print_json, print_pairs


def version(*, as_json: Json = False) -> None:
    """Show the versions of CXPort and of what it stands on."""
    import ssl
    from importlib import metadata

    from cxport.formats.copied import COMPILED

    found: dict[str, object] = {
        "cxport": __version__,
        "python": platform.python_version(),
        "platform": f"{sys.platform} {platform.machine()}",
        "openssl": ssl.OPENSSL_VERSION,
        **{name: metadata.version(name) for name in ("cryptography", "isal", "dbos")},
        "transcoder": "compiled" if COMPILED else "python",
    }
    if as_json:
        print_json(found)
    else:
        print_pairs(found)
