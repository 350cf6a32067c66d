"""A typed client of doorstep's API: one method for each endpoint, retries that do nothing twice.

>>> from doorstep.client import Client
>>> with Client("http://127.0.0.1:8000", "ds_live_...") as shop:  # doctest: +SKIP
...     order = shop.create_order({"service_level_id": "next_day", "place": {...}, "lines": [...]})

It needs the package ``httpx2`` only (``pip install doorstep[client]``) and nothing else of doorstep.
"""

from doorstep.client.client import Client
from doorstep.client.transport import ApiError

__all__ = ["ApiError", "Client"]
