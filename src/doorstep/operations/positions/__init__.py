"""Devices and where they are: registered, heard, forgotten."""
