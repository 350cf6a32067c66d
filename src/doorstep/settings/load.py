"""Reading the settings, with all faults told at once."""

import os
import tomllib
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from doorstep.foundation import InputError
from doorstep.settings.keys import Settings, is_secret
from doorstep.settings.places import ENVIRONMENT_PREFIX, secrets_folder, settings_file


def load_settings(**given: Any) -> Settings:  # noqa: ANN401 - pydantic checks each
    """Return the settings: those given, then the environment, files of secrets, the TOML file, the defaults.

    Raises
    ------
    InputError
        If a value breaks its rule or the file has a key that is not known; every fault is in the message.
    """
    try:
        return Settings(**given)
    except ValidationError as error:
        faults = [_fault(each) for each in error.errors(include_url=False)]
    except tomllib.TOMLDecodeError as error:
        faults = [f"{settings_file()} is not TOML: {error}"]
    raise InputError(
        f"{len(faults)} fault{'s' if len(faults) > 1 else ''} in the settings:\n" + "\n".join(f"- {f}" for f in faults),
        hint="Maybe see all keys with: doorstep settings.",
    )


def origin_of(key: str) -> str:
    """Return where the value of a key comes from, in words."""
    if os.environ.get(name := f"{ENVIRONMENT_PREFIX}{key.upper()}", ""):
        return name
    folder = secrets_folder()
    if folder and (folder / key).is_file():
        return str(folder / key)
    file = settings_file()
    return str(file) if file and key in tomllib.loads(file.read_text(encoding="utf-8")) else "default"


def _fault(error: ErrorDetails) -> str:
    return " ".join(_parts(error))


def _parts(error: ErrorDetails) -> Iterator[str]:
    key = str(error["loc"][0]) if error["loc"] else ""
    if key not in Settings.model_fields:
        yield f"{key} in {settings_file()}: is not a setting" if key else error["msg"]
        return
    yield f"{key} from {origin_of(key)}:"
    if not is_secret(key):
        yield f"{error['input']!r}"[:80]
    yield error["msg"].replace("Input should", "must")
