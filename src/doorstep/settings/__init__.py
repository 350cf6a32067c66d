"""Every setting of doorstep, typed and described, from the environment, a TOML file and files of secrets.

``load_settings`` is the one door; ``settings_page`` writes the reference page out of the same descriptions.
"""

from doorstep.settings.keys import Settings
from doorstep.settings.load import load_settings
from doorstep.settings.reference import settings_page, settings_text

__all__ = ["Settings", "load_settings", "settings_page", "settings_text"]
