"""What mails say, by language; the counts and ids come from the message, names do not."""

from __future__ import annotations

import json
from collections.abc import Mapping

from cxport.domain.notice import Event

LANGUAGES = ("en", "de")

_SUBJECTS: Mapping[str, Mapping[Event, str]] = {
    "en": {
        Event.RUN_COMPLETED: "Export {runId}: completed",
        Event.RUN_COMPLETED_WITH_WARNINGS: "Export {runId}: completed with warnings",
        Event.RUN_NO_DATA: "Export {runId}: no data",
        Event.RUN_FAILED: "Export {runId}: failed",
        Event.RUN_CANCELLED: "Export {runId}: cancelled",
        Event.RUN_EXPIRED: "Export {runId}: expired",
        Event.FILE_REVOKED: "Export {runId}: files revoked",
        Event.CERTIFICATE_EXPIRING: "Certificate ends within {withinDays} days",
        Event.TEST: "Test",
    },
    "de": {
        Event.RUN_COMPLETED: "Export {runId}: abgeschlossen",
        Event.RUN_COMPLETED_WITH_WARNINGS: "Export {runId}: mit Warnungen abgeschlossen",
        Event.RUN_NO_DATA: "Export {runId}: keine Daten",
        Event.RUN_FAILED: "Export {runId}: fehlgeschlagen",
        Event.RUN_CANCELLED: "Export {runId}: abgebrochen",
        Event.RUN_EXPIRED: "Export {runId}: abgelaufen",
        Event.FILE_REVOKED: "Export {runId}: Dateien widerrufen",
        Event.CERTIFICATE_EXPIRING: "Zertifikat endet in höchstens {withinDays} Tagen",
        Event.TEST: "Test",
    },
}

_LINES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "jobId": "Job",
        "runId": "Run",
        "selected": "Rows selected",
        "exported": "Rows exported",
        "skipped": "Rows skipped",
        "warnings": "Warnings",
        "sizeBytes": "Bytes",
        "startedAt": "Started",
        "endedAt": "Ended",
        "fingerprint": "Certificate",
        "endsAt": "Ends",
    },
    "de": {
        "jobId": "Auftrag",
        "runId": "Lauf",
        "selected": "Zeilen ausgewählt",
        "exported": "Zeilen exportiert",
        "skipped": "Zeilen ausgelassen",
        "warnings": "Warnungen",
        "sizeBytes": "Bytes",
        "startedAt": "Begonnen",
        "endedAt": "Beendet",
        "fingerprint": "Zertifikat",
        "endsAt": "Endet",
    },
}

_CLOSING = {
    "en": "This message holds no data. The run's history record says more.",
    "de": "Diese Nachricht enthält keine Daten. Der Eintrag im Verlauf sagt mehr.",
}


def mail_text(event: Event, body: str, language: str) -> tuple[str, str]:
    """Give the subject and the text of a mail, in one of LANGUAGES, else in English."""
    chosen = language if language in LANGUAGES else LANGUAGES[0]
    data = json.loads(body)["data"]
    known = {**data, **data.get("counts", {})}
    lines = [
        f"{label}: {known[name]}"
        for name, label in _LINES[chosen].items()
        if known.get(name) is not None
    ]
    subject = _SUBJECTS[chosen][event].format_map(known)
    return f"CXPort: {subject}", "\n".join([subject, "", *lines, "", _CLOSING[chosen], ""])
