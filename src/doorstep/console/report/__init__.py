"""The report of a plan: one HTML file that loads nothing from anywhere.

Views (``headline``, ``scoreboard``, ``city_map``, ``charts``, ``tables``, ``extremes``) turn tables into what is shown;
``svg`` draws; ``page`` puts both into the templates.
"""

from doorstep.console.report.page import render_report

__all__ = ["render_report"]
