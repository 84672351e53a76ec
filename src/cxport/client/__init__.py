"""A Python client over the public API: sign in, upload a certificate, export, download.

::

    from cxport.client import Client, ClientSecret, JobRequest

    with Client(url, api_key=key, credentials=ClientSecret(client_id, secret)) as client:
        job = client.create_job(JobRequest(source="ucs", title="all of it"))
        run = client.wait(job.id)
        for file in client.files(run_id=run.id):
            client.download(file, folder)
"""

from cxport.client.administration import (
    Administration,
    ClientInfo,
    KeyInfo,
    RetentionInfo,
    SourceCheck,
    SourceInfo,
    UserInfo,
)
from cxport.client.catalogue import AttributeInfo, Choice, SubTypeInfo, VersionInfo
from cxport.client.client import Client
from cxport.client.download import Progress
from cxport.client.errors import ClientError, DownloadRefused, StillRunning
from cxport.client.link import open_link
from cxport.client.record import AuditEntry
from cxport.client.shapes import (
    CertificateInfo,
    FileInfo,
    JobEstimate,
    JobInfo,
    JobRequest,
    RunInfo,
    StoredCertificate,
    TickInfo,
)
from cxport.client.sign_in import ClientSecret, Credentials, Password
from cxport.client.subscription import DeliveryInfo, SubscriptionInfo
from cxport.client.watching import JobEvent, RunEvent

__all__ = [
    "Administration",
    "AttributeInfo",
    "AuditEntry",
    "CertificateInfo",
    "Choice",
    "Client",
    "ClientError",
    "ClientInfo",
    "ClientSecret",
    "Credentials",
    "DeliveryInfo",
    "DownloadRefused",
    "FileInfo",
    "JobEstimate",
    "JobEvent",
    "JobInfo",
    "JobRequest",
    "KeyInfo",
    "Password",
    "Progress",
    "RetentionInfo",
    "RunEvent",
    "RunInfo",
    "SourceCheck",
    "SourceInfo",
    "StillRunning",
    "StoredCertificate",
    "SubTypeInfo",
    "SubscriptionInfo",
    "TickInfo",
    "UserInfo",
    "VersionInfo",
    "open_link",
]
