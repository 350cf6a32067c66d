"""Parcel stations: what comes by lanes, who has it, where it goes, and what does not add up."""
