"""The folder of a network plan: ``network.json``, a CSV file a table, ``network.geojson`` and ``report.html``."""

from doorstep.connectors.network_folder.geojson import collection
from doorstep.connectors.network_folder.transport import refuse_other_folders, write_network

__all__ = ["collection", "refuse_other_folders", "write_network"]
