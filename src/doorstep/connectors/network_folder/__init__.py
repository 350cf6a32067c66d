"""The folder of a network plan: that of a study, ``network.geojson``, and ``retailer``, the folder afterwards."""

from doorstep.connectors.network_folder.geojson import collection
from doorstep.connectors.network_folder.transport import KIND, write_network

__all__ = ["KIND", "collection", "write_network"]
