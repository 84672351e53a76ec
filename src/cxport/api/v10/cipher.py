"""`/cipher`."""

from __future__ import annotations

from fastapi import APIRouter, UploadFile

from cxport.api.auth import SignedIn, Use
from cxport.api.errors import documented
from cxport.api.shapes import CertificateInfo, certificate_info

router = APIRouter(prefix="/cipher", tags=["certificates"])


@router.get("", responses=documented(404))
def get_certificate(caller: SignedIn, services: Use) -> CertificateInfo:
    """Give the certificate in force; 404 before the first upload."""
    return certificate_info(caller, services.certificates.in_force(caller))


@router.post("/{certificatefilename}", status_code=201, responses=documented(400))
def upload_certificate(
    certificatefilename: str, file: UploadFile, caller: SignedIn, services: Use
) -> str:
    """Put a certificate in force: the form's field `file`, X.509, PEM or DER."""
    stored = services.certificates.upload(caller, certificatefilename, file.file.read())
    return stored.name
