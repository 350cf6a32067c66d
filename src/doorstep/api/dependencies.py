"""What every endpoint may ask for."""

from collections.abc import Mapping
from typing import Protocol

from starlette.requests import HTTPConnection

from doorstep.ports import Carrier, Clock
from doorstep.settings import Settings
from doorstep.storage import Database, Writer


class Shell(Protocol):
    """What the shell around the endpoints stands on."""

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        ...

    @property
    def clock(self) -> Clock:
        """The clock of all operations."""
        ...


class Platform(Shell, Protocol):
    """What endpoints stand on; the assembly builds it and hands it to ``create_app``."""

    @property
    def database(self) -> Database:
        """Where everything is read."""
        ...

    @property
    def writer(self) -> Writer:
        """Through which everything is written."""
        ...

    @property
    def carriers(self) -> Mapping[str, Carrier]:
        """The connected carriers by their id."""
        ...


def platform(connection: HTTPConnection) -> Platform:
    """Return the platform of the application that a request came to: ``Annotated[Platform, Depends(platform)]``."""
    here: Platform = connection.app.state.platform
    return here
