"""Sign-in by the operator's identity providers: their tokens, and their sign-in page."""

from cxport.services.providers.directory import Providers
from cxport.services.providers.sign_in import PATIENCE, ProviderSignIn

__all__ = ["PATIENCE", "ProviderSignIn", "Providers"]
