"""A folder in which a connector keeps what it books; one writes at a time, across threads and processes."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock

from doorstep.foundation import InputError, UpstreamError
from doorstep.storage.turns import FileTurns


class CarrierFolder:
    """A folder that is there, and whose turn it is to write.

    Raises
    ------
    InputError
        If there is no such folder.
    """

    def __init__(self, folder: str) -> None:
        self._path = Path(folder)
        if not self._path.is_dir():
            raise InputError(f"folder {folder!r} is no folder.")
        self._inside = Lock()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold the only right to write.

        Raises
        ------
        UpstreamError
            If the disk does not do what it should.
        """
        try:
            with self._inside, closing(FileTurns(self._path / ".turn")) as turns, turns.taken():
                yield
        except OSError as fault:
            raise UpstreamError(f"the folder {self._path} cannot be used: {fault.strerror}.") from fault
