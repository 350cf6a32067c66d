"""The story of one order: what was ordered, who picks it, how it is packed, who brings it, what it costs, and why."""

from doorstep.console.story.order_file import OrderFile
from doorstep.console.story.tell import Chapter, OrderStory, order_story

__all__ = ["Chapter", "OrderFile", "OrderStory", "order_story"]
