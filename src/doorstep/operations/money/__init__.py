"""Money: what each party is owed, what carriers billed, and what an order left.

Books are kept from the journal of events (``keep_books``), by postings that sum to zero and are never changed.
"""

from doorstep.operations.money.keep import keep_books
from doorstep.operations.money.refunds import Refund, refund_order

__all__ = ["Refund", "keep_books", "refund_order"]
