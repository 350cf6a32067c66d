"""An extract read piece by piece, so that it tells how far it is and stops when it is told to.

A file of PBF is a header and thousands of blobs, each compressed by itself. Some of them at a time are handed to the
reader with the header before them; the places of nodes are kept from one piece to the next.

References
----------
https://wiki.openstreetmap.org/wiki/PBF_Format
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import osmium
from osmium.index import LocationTable

from doorstep.foundation import InputError
from doorstep.foundation.progress import Progress

PLACES = "sparse_mem_array"
"""How places of nodes are kept: 16 bytes each."""
PIECE_BYTES = 4_000_000
MOST_HEADER_BYTES, MOST_BLOB_BYTES = 64 * 1024, 32 * 1024 * 1024
"""No header and no blob is longer, so says the format."""
MB = 1_000_000
SIZE_FIELD = 3
"""Of the header of a blob: how long the blob is."""


def objects(
    path: Path,
    what: "osmium.osm.osm_entity_bits",
    *wanted: object,
    stage: str = "",
    places: LocationTable | None = None,
    progress: Progress | None = None,
) -> Iterator[Any]:
    """Yield the objects of an extract that all filters let through, each only until the next is asked for.

    Parameters
    ----------
    what
        Which kinds are read.
    stage
        What progress is told that this is, in megabytes.
    places
        Where places of nodes are kept; ways then know them.

    Raises
    ------
    InputError
        If there is no such file, or it is broken.
    """
    if not path.is_file():
        raise InputError(f"{path} is not there.", hint="Maybe download an extract of your region as .osm.pbf.")
    if progress:
        progress.stage(stage, path.stat().st_size // MB)
    located = []
    if places is not None:
        located.append(osmium.NodeLocationsForWays(places))
        located[0].ignore_errors()
    pool = osmium.io.ThreadPool()
    told = 0
    try:
        for piece, done in _pieces(path):
            with osmium.io.Reader(piece, what, thread_pool=pool) as reader:
                yield from osmium.OsmFileIterator(reader, *located, *wanted)
            if progress and done // MB > told:
                progress.advance(done // MB - told)
                told = done // MB
    except (RuntimeError, ValueError) as fault:
        raise InputError(
            f"{path.name} cannot be read: {fault}.", hint="Maybe it is no .osm.pbf, or its download was cut short."
        ) from fault


def _pieces(path: Path) -> Iterator[tuple[Any, int]]:
    """Yield what to read one after the other, and how many bytes of the file are read then."""
    if path.suffix != ".pbf":
        yield osmium.io.File(str(path)), path.stat().st_size
        return
    with path.open("rb") as file:
        header = _blob(file)
        piece, empty = bytearray(header), len(header)
        while blob := _blob(file):
            piece += blob
            if len(piece) > PIECE_BYTES:
                yield osmium.io.FileBuffer(bytes(piece), "osm.pbf"), file.tell()
                piece = bytearray(header)
        if len(piece) > empty or not header:
            yield osmium.io.FileBuffer(bytes(piece), "osm.pbf"), file.tell()


def _blob(file: BinaryIO) -> bytes:
    """Return the next blob with all that stands before it, nothing at the end.

    Raises
    ------
    ValueError
        If the file ends before the blob does, or is none of PBF.
    """
    length = file.read(4)
    if not length:
        return b""
    size = int.from_bytes(length, "big")
    header = file.read(size) if size <= MOST_HEADER_BYTES else b""
    blob_size = _blob_size(header)
    body = file.read(blob_size) if blob_size <= MOST_BLOB_BYTES else b""
    if len(length) < 4 or not header or len(header) < size or len(body) < blob_size:
        raise ValueError("the file ends too early, or is none of PBF")
    return bytes(length + header + body)


def _blob_size(header: bytes) -> int:
    """Return how many bytes a blob has by its header, a message of protocol buffers."""
    at = 0
    while at < len(header):
        key, at = _varint(header, at)
        value, at = _varint(header, at)
        if key >> 3 == SIZE_FIELD:
            return value
        at += value if key & 7 == 2 else 0
    return 0


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(message):
        value |= (message[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if message[at - 1] < 128:
            break
    return value, at
