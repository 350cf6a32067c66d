"""The retailer folder, doorstep's one way in: a CSV or Parquet file for each table of the catalogue.

``read_folder`` gives a whole retailer or every fault at once; ``write_folder`` writes one back; the ``describe``
functions tell what the columns must be, for people; ``geocode`` fills places in from addresses.
"""

from doorstep.connectors.retailer_folder.describe import ColumnText, describe_column, describe_row_rules
from doorstep.connectors.retailer_folder.faults import Fault, FolderReading
from doorstep.connectors.retailer_folder.read import read_demand_areas, read_folder, read_sales, read_site_options
from doorstep.connectors.retailer_folder.write import write_folder, write_table

__all__ = [
    "ColumnText",
    "Fault",
    "FolderReading",
    "describe_column",
    "describe_row_rules",
    "read_demand_areas",
    "read_folder",
    "read_sales",
    "read_site_options",
    "write_folder",
    "write_table",
]
