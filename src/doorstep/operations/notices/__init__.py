"""Notices to shoppers: made of events, sent once, and what shoppers and retailers want of them."""

from doorstep.operations.notices.making import has_news, make_notices
from doorstep.operations.notices.sending import due_notices, has_due_notices, record_sent

__all__ = ["due_notices", "has_due_notices", "has_news", "make_notices", "record_sent"]
