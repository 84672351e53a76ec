"""The console: pages over the services, rendered here; all of it works without a script.

A page is a module in `pages`, in it a frozen dataclass that says what the page shows, and a
template; docs/explain/console.md shows how one is added.
"""

from cxport.console.errors import error_page
from cxport.console.pages import router
from cxport.console.settings import PREFIX, ConsoleSettings

__all__ = ["PREFIX", "ConsoleSettings", "error_page", "router"]
