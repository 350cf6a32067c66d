"""What can be promised at checkout, what it costs, and what was promised: pure functions over arrays and tables.

``promised_windows`` says in which window an order must arrive, ``price_options`` what its delivery costs the shopper.
"""

from doorstep.promising.check import check_promises
from doorstep.promising.price import Fees, PriceRules, price_options
from doorstep.promising.windows import PromisePlan, promised_windows

__all__ = ["Fees", "PriceRules", "PromisePlan", "check_promises", "price_options", "promised_windows"]
