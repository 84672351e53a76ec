"""The HTTP surface: one application, a router for each version of the contract."""

from cxport.api.app import create_app
from cxport.api.settings import ApiSettings

__all__ = ["ApiSettings", "create_app"]
