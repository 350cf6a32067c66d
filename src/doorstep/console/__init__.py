"""What people look at: the report of a plan and the story of one order, in words, charts and a map."""

from doorstep.console.report import render_report
from doorstep.console.story import OrderStory, order_story

__all__ = ["OrderStory", "order_story", "render_report"]
