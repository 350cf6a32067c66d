"""The report of a plan: one HTML file that loads nothing from anywhere.

Views (``headline``, ``scoreboard``, ``city_map``, ``charts``, ``tables``, ``extremes``) turn tables into what is shown;
``svg`` draws; ``page`` puts both into the templates. ``routes_page`` does the same for routes without orders,
``network_page`` for a network, ``forecast_page`` for a forecast, ``stock_page`` for a plan
of the stock.
"""

from doorstep.console.report.city_map import Driven
from doorstep.console.report.forecast_page import render_forecast
from doorstep.console.report.network_page import render_network
from doorstep.console.report.page import render_report
from doorstep.console.report.routes_page import render_routes
from doorstep.console.report.stock_page import render_stock

__all__ = ["Driven", "render_forecast", "render_network", "render_report", "render_routes", "render_stock"]
