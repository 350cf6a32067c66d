"""A simulated gateway of text messages, to try notices against without a network or a telephone."""

from doorstep.simulation.notices.gateway import Gateway, TextMessage

__all__ = ["Gateway", "TextMessage"]
