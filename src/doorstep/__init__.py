"""Last-mile delivery for retailers: from the basket to the parcel at the door.

Every room below this package (``order_routing``, ``warehouse``, ``vehicle_routing`` and so on) takes
plain tables or arrays and returns a plan; ``operations`` calls the rooms in the order of an order's
life. Start with ``doorstep demo``.
"""

__version__ = "0.1.0"
