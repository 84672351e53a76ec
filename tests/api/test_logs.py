"""Logs say what was done, never with which secret or for whom."""

from __future__ import annotations

import logging

import pytest
from structlog.testing import capture_logs

from tests.api.installation import Account, Installation


@pytest.mark.promise("S13")
def test_no_secret_and_no_name_is_logged(
    own: Installation,
    certificate: bytes,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A canary stands in every secret, name and query of a whole session: none is found again."""
    caplog.set_level(logging.DEBUG)
    with capture_logs() as logs:
        canaries = _session(own, certificate)
    # the test's own client logs what it asks for
    server = [one.getMessage() for one in caplog.records if not one.name.startswith("httpx")]
    printed = f"{logs}{capfd.readouterr()}{server}"

    assert len(logs) > 10
    for name, canary in canaries.items():
        assert canary not in printed, name


def _session(own: Installation, certificate: bytes) -> dict[str, str]:
    """Use every way in, and fail in each too; give what must not be in any log."""
    account = own.new_tenant()
    found = account.credentials
    pair = account.sign_in(grant_type="password", username="admin", password=found.password).json()
    account.token = pair["access_token"]
    account.sign_in(grant_type="password", username="CANARYuser", password="CANARYpassword")
    account.sign_in(grant_type="refresh_token", refresh_token=pair["refresh_token"])
    account.upload(certificate, "CANARYcertificate.pem")
    account.upload(b"CANARYcontent", "CANARYbad.pem")
    account.create_job(title="CANARYtitle", description="CANARYdescription")
    account.create_job(title="CANARYtitle", source="CANARYsource")
    account.create_job(CANARYfield="CANARYvalue")
    account.get("/export/jobs?title=CANARYfilter&orderField=CANARYorder")
    account.get(f"/file-metadatas?x-api-key={found.api_key}")
    account.get("/file-metadatas?x-api-key=CANARYkey", headers={"x-api-key": ""})
    account.get("/data/sources", headers={"Authorization": "Bearer CANARYtoken"})
    _, files = account.finished_run(b"CANARYsealed")
    link = account.get(f"/files/{files[0].name}").headers["location"]
    own.client.get(link)
    own.client.get("/CANARYpath")
    own.client.put("/links/CANARYlink/CANARYfile")
    return {
        "any": "CANARY",
        "api key": found.api_key,
        "client id": found.client_id,
        "client secret": found.client_secret,
        "password": found.password,
        "access token": account.token,
        "refresh token": pair["refresh_token"],
        "link": link.split("/")[-2],
        "file": files[0].name,
        "source's DSN": "//nowhere",
    }


def test_a_request_is_one_line(bare: Account) -> None:
    """Method, route by its template, status and time; parameters stay out."""
    with capture_logs() as logs:
        bare.get("/export/history/77/progress?x=1")

    assert len(logs) == 1
    assert logs[0].pop("milliseconds") >= 0
    assert logs[0] == {
        "event": "request",
        "log_level": "info",
        "method": "GET",
        "route": "/udm/v10/export/history/{id}/progress",
        "status": 400,
    }
