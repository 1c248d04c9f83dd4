"""Clients that cannot be told where the mocks are: transports without a socket, and hosts that are intercepted.

`testcard.reach.intercept` is for Python code in this process; `testcard run` (`testcard.reach.running`) is for any
command. The transports are `requests_link`, `httpx_link` and `aiohttp_link`, each over one `Line`.
"""

from testcard.reach.hosts import HostRefused
from testcard.reach.interception import Interception, intercept
from testcard.reach.line import WouldHang

__all__ = ["HostRefused", "Interception", "WouldHang", "intercept"]
