"""Retailer folders as zip files: received in pieces, unpacked within limits, read whole."""

import tempfile
import zipfile
import zlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path, PurePosixPath
from typing import IO

import polars as pl

from doorstep.api.problems import ProblemError
from doorstep.api.problems.answers import FaultsError, FieldFault
from doorstep.connectors.retailer_folder import Fault, FolderReading, read_folder, read_sales
from doorstep.domain.tables import RETAILER_TABLES

SALES = "sales"
TABLES = {*RETAILER_TABLES, SALES}
MOST_FILES = 64
MOST_TIMES_LARGER = 20
"""Unpacked bytes for each byte that may be uploaded; real tables shrink to a fifth or a tenth."""
MOST_FAULTS = 1_000
PIECE = 1 << 20
IN_MEMORY = 8 << 20
_UNREADABLE = (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, zlib.error)
"""What reading a file that is no sound zip file may raise, an unknown compression among it."""


async def received(chunks: AsyncIterator[bytes]) -> IO[bytes]:
    """Return an upload as a file, which is on disk if it is long."""
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - who gets it closes it
    async for chunk in chunks:
        file.write(chunk)
    file.seek(0)
    return file


def read_zip(file: IO[bytes], *, most_bytes: int) -> tuple[FolderReading, pl.DataFrame | None]:
    """Return the retailer in a zip file, whose tables lie at its top or in one folder, and its sales if it has any.

    Raises
    ------
    ProblemError
        ``invalid`` if it is no zip file or breaks a limit.
    FaultsError
        If the tables have faults; each names its file, row and column.
    """
    with tempfile.TemporaryDirectory(prefix="doorstep-import-") as folder:
        try:
            with zipfile.ZipFile(file) as archive:
                _unpack(archive, Path(folder), most_bytes)
        except _UNREADABLE as error:
            raise _refused(f"The body is not a zip file that can be read: {error}.") from error
        reading = read_folder(Path(folder))
        sales, sales_faults = ({}, ()) if reading.retailer is None else read_sales(Path(folder), reading.retailer)
    refuse_faults([*reading.faults, *sales_faults])
    return reading, sales.get(SALES)


def refuse_faults(found: Sequence[Fault]) -> None:
    """Go on if tables have no faults.

    Raises
    ------
    FaultsError
        If they have; each names its file, row and column.
    """
    if not found:
        return
    faults = [
        FieldFault(
            part="body",
            pointer=f"/{fault.file or fault.table}/{fault.row}/{fault.column}",
            code="invalid",
            detail=str(fault),
            file=fault.file or fault.table,
            row=fault.row,
            column=fault.column,
        )
        for fault in found[:MOST_FAULTS]
    ]
    raise FaultsError(faults)


def _unpack(archive: zipfile.ZipFile, folder: Path, most_bytes: int) -> None:
    """Write the tables of an archive into a folder, under names of ours; nothing else is written."""
    entries = archive.infolist()
    if len(entries) > MOST_FILES:
        raise _refused(f"The zip file has {len(entries)} entries; at most {MOST_FILES} are allowed.")
    left = most_bytes
    for entry in entries:
        name = _table_file(entry)
        if not name:
            continue
        if (folder / name).exists():
            raise _refused(f"The zip file has {name} twice.")
        if entry.flag_bits & 1:
            raise _refused(f"{name} is encrypted.")
        with archive.open(entry) as packed, (folder / name).open("wb") as table:
            while piece := packed.read(PIECE):  # what an entry says about its size may be a lie
                left -= len(piece)
                if left < 0:
                    raise _refused(f"The zip file unpacks to more than {most_bytes} bytes.")
                table.write(piece)


def _table_file(entry: zipfile.ZipInfo) -> str:
    """Return the file name of a table, empty for what is none.

    Raises
    ------
    ProblemError
        ``invalid`` if the path leads out of the folder.
    """
    path = PurePosixPath(entry.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in entry.filename or "\0" in entry.filename:
        raise _refused("The zip file has a path that leads out of it.")
    if entry.is_dir() or len(path.parts) > 2 or path.suffix.lower() != ".csv" or path.stem not in TABLES:
        return ""
    return f"{path.stem}.csv"


def _refused(detail: str) -> ProblemError:
    return ProblemError("invalid", detail, hint="Maybe zip the folder again: one CSV file for each table.")
