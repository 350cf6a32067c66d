"""What can be promised at checkout, what it costs, and what was promised: pure functions over arrays and tables.

``promised_windows`` says in which window an order must arrive, ``available_to_promise`` which units are free for it,
``price_options`` what its delivery costs the shopper, ``Plan`` what a membership makes of that, ``learn`` how probable
it is that a promise is kept.
"""

from doorstep.promising.available import available_to_promise
from doorstep.promising.check import check_fees, check_promises
from doorstep.promising.keeping import Keeping, Outcomes, learn
from doorstep.promising.price import PriceRules, price_options
from doorstep.promising.windows import PromisePlan, promised_windows

__all__ = [
    "Keeping",
    "Outcomes",
    "PriceRules",
    "PromisePlan",
    "available_to_promise",
    "check_fees",
    "check_promises",
    "learn",
    "price_options",
    "promised_windows",
]
