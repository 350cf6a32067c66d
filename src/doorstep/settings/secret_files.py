"""Secrets from files, one a key, as Docker and Kubernetes mount them; the file has the name of its key."""

from pathlib import Path

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from doorstep.foundation import InputError

LARGEST_BYTES = 65_536


class SecretFiles(PydanticBaseSettingsSource):
    """A source that reads ``FOLDER/oidc_client_secret`` and its like; other files are not ours and left alone."""

    def __init__(self, settings_cls: type[BaseSettings], *, folder: Path | None) -> None:
        super().__init__(settings_cls)
        self.folder = folder

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[object, str, bool]:
        """Return the text of the key's file, None if there is none; and the key."""
        del field  # the text is parsed by the key's own type later
        file = self.folder / field_name if self.folder else None
        return (_text(file) if file and file.is_file() else None), field_name, False

    def __call__(self) -> dict[str, object]:
        """Return the values of all keys that have a file."""
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in found.items() if value is not None}


def _text(file: Path) -> str:
    if file.stat().st_size > LARGEST_BYTES:
        raise InputError(f"the secret {file.name} has more than {LARGEST_BYTES} bytes.")
    try:
        return file.read_text(encoding="utf-8").strip()
    except UnicodeDecodeError as error:
        raise InputError(f"the secret {file.name} is not UTF-8 text.") from error
