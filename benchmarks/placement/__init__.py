"""Quality and speed of placement: stock at sites and assortments."""
