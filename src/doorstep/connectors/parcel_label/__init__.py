"""Labels of parcels as GS1 Scan4Transport has them: written, drawn, and read without a network."""

from doorstep.connectors.parcel_label.drawing import draw_png, draw_svg
from doorstep.connectors.parcel_label.label import ParcelLabel, geo_digits, read_label, words_on

__all__ = ["ParcelLabel", "draw_png", "draw_svg", "geo_digits", "read_label", "words_on"]
