"""Where settings lie: the two names in the environment that point to the file and to the folder of secrets."""

import os
from pathlib import Path

from doorstep.foundation import InputError

ENVIRONMENT_PREFIX = "DOORSTEP_"
SETTINGS_FILE = "DOORSTEP_SETTINGS"
SECRETS_FOLDER = "DOORSTEP_SECRETS_DIR"
DEFAULT_FILE = "doorstep.toml"


def settings_file() -> Path | None:
    """Return the TOML file, None if there is none.

    Raises
    ------
    InputError
        If the environment names a file that is not there.
    """
    named = os.environ.get(SETTINGS_FILE, "")
    file = Path(named or DEFAULT_FILE)
    if file.is_file():
        return file
    if named:
        raise InputError(f"{SETTINGS_FILE} names {named!r}, which is not a file.", hint="Maybe the path is relative.")
    return None


def secrets_folder() -> Path | None:
    """Return the folder of secrets, None if none is named.

    Raises
    ------
    InputError
        If the environment names a folder that is not there.
    """
    named = os.environ.get(SECRETS_FOLDER, "")
    if named and not Path(named).is_dir():
        raise InputError(f"{SECRETS_FOLDER} names {named!r}, which is not a folder.", hint="Maybe it is not mounted.")
    return Path(named) if named else None
