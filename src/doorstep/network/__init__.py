"""Which sites a retailer needs, and where: coverage of the demand today, then siting, regions and catchments."""

from doorstep.network.coverage import Coverage, cover

__all__ = ["Coverage", "cover"]
