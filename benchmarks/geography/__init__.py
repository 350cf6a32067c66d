"""Roads: exactness, tables of travel times, geocoding and map matching, beside peers."""
