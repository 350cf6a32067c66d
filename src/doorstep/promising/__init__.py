"""What can be promised at checkout, what it costs, and what was promised: pure functions over arrays and tables.

``promised_windows`` says in which window an order must arrive, ``available_to_promise`` which units are free for it,
``price_options`` what its delivery costs the shopper.
"""

from doorstep.promising.available import available_to_promise, first_period
from doorstep.promising.check import check_promises
from doorstep.promising.price import PriceRules, price_options
from doorstep.promising.windows import PromisePlan, promised_windows

__all__ = [
    "PriceRules",
    "PromisePlan",
    "available_to_promise",
    "check_promises",
    "first_period",
    "price_options",
    "promised_windows",
]
