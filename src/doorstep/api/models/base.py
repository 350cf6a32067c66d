"""What all requests and all replies share."""

from typing import Generic, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Example: TypeAlias = "dict[str, Example] | list[Example] | str | int | float | bool | None"


class Request(BaseModel):
    """What a caller sends: strict, so that a slip is a fault and not a guess."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Reply(BaseModel):
    """What a caller gets."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_serialization_defaults_required=True)


Item = TypeVar("Item")


class Page(Reply, Generic[Item]):
    """A part of a list."""

    items: list[Item] = Field(description="in a stable order")
    next_cursor: str | None = Field(default=None, description="asks for the next part; null: there is none")


def shown(**fields: Example) -> ConfigDict:
    """Return the part of a model's configuration that shows an example of it in the documentation."""
    return ConfigDict(json_schema_extra=lambda schema: schema.update(examples=[dict(fields)]))
