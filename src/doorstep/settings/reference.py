"""The settings in words: the reference page, and what is in force now."""

from collections.abc import Iterator
from typing import Literal, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from doorstep.settings.keys import Settings
from doorstep.settings.load import origin_of
from doorstep.settings.places import DEFAULT_FILE, ENVIRONMENT_PREFIX, SECRETS_FOLDER, SETTINGS_FILE

INTRODUCTION = f"""# Settings

<!-- Written by `doorstep settings --markdown`: change src/doorstep/settings/keys.py, not this page. -->

Every key has a default. A value comes from the first of these places that has it:

1. the environment: `{ENVIRONMENT_PREFIX}` and the key in capitals, such as `{ENVIRONMENT_PREFIX}PORT=9000`; an empty
   value counts as absent
2. a file of secrets: `{SECRETS_FOLDER}` names a folder with one file a key, such as `oidc_client_secret`
3. a TOML file: `{SETTINGS_FILE}`, or `{DEFAULT_FILE}` in the working directory, with lines such as `port = 9000`; a key
   that is not in this table is a fault

All faults are told at once. `doorstep settings` shows what is in force and where each value comes from.

| key | type | default | meaning |
|---|---|---|---|
"""


def settings_page() -> str:
    """Return docs/reference/settings.md."""
    rows = (
        f"| `{name}` | {_kind(field)} | {_default(field)} | {(field.description or '').replace('|', '/')} |\n"
        for name, field in Settings.model_fields.items()
    )
    return INTRODUCTION + "".join(rows)


def settings_text(settings: Settings) -> str:
    """Return the settings in force, one a line with its origin; secrets are stars."""
    return "\n".join(_lines(settings))


def _lines(settings: Settings) -> Iterator[str]:
    for name in Settings.model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            shown = "(hidden)" if value.get_secret_value() else ""
        else:
            shown = ", ".join(value) if isinstance(value, tuple) else str(value)
        yield f"{name:<28} {shown:<36} {origin_of(name)}".rstrip()


def _kind(field: FieldInfo) -> str:
    if get_origin(field.annotation) is Literal:
        return " / ".join(get_args(field.annotation))
    word = _WORDS.get(field.annotation, "text") if isinstance(field.annotation, type) else "text"
    if field.annotation is not None and get_origin(field.annotation) is tuple:
        word = "texts"
    bounds = {type(rule).__name__: rule for rule in field.metadata}
    low, high = bounds.get("Ge"), bounds.get("Le")
    if low is not None and high is not None:
        return f"{word}, {low.ge:,} to {high.le:,}"
    return f"{word}, above 0, up to {high.le:,}" if high is not None else word


def _default(field: FieldInfo) -> str:
    value = field.default
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, tuple):
        value = ",".join(value)
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    return f"`{shown}`" if shown else "none"


_WORDS = {int: "whole number", float: "number", bool: "true / false", SecretStr: "secret"}
