"""What a caller may ask for: the check of access first, then the act. No word of HTTP here."""

from cxport.services.assembly import Services, assemble
from cxport.services.settings import ServiceSettings

__all__ = ["ServiceSettings", "Services", "assemble"]
