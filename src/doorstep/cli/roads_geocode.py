"""``doorstep roads geocode EXTRACT PATH``: places for a table of addresses or a retailer folder."""

import sys
from collections import Counter
from pathlib import Path

from doorstep.cli.progress_bars import StageClock
from doorstep.connectors.osm import CREDIT
from doorstep.connectors.osm.addresses import read_addresses
from doorstep.connectors.retailer_folder.geocode import GeocodedFile, geocode_file, geocode_folder, write_report
from doorstep.foundation import InputError
from doorstep.geography.addresses import AddressIndex, Precision
from doorstep.geography.addresses.bulk import GIVEN

SHOWN = 5
ORDER = (GIVEN, *Precision)


def geocode(extract: Path, path: Path, /, *, out: Path | None = None) -> int:
    """Fill in lat and lon of addresses from an extract of OpenStreetMap, and report what is doubtful.

    Parameters
    ----------
    extract
        An .osm.pbf of the region.
    path
        A table (CSV or Parquet) with address, or street, house_number, postal_code and city; or a retailer folder of
        which at least one table has them. Places that are there stay.
    out
        What to write: a table with lat, lon, precision and score, or a folder; by default PATH with -geocoded behind
        its name. What is doubtful goes to a file of the same name with -doubtful.csv behind.
    """
    if not path.exists():
        raise InputError(f"{path} is not there.", hint="Maybe give a CSV file or a retailer folder.")
    target = out or path.with_name(f"{path.stem}-geocoded{path.suffix}")
    clock = StageClock(quiet=False)
    with clock.bars:
        tables = read_addresses(extract, progress=clock)
        clock.stage("indexing the addresses", 1)
        index = AddressIndex(tables)
        clock.advance()
        if path.is_dir():
            files = geocode_folder(index, path, target, progress=clock)
        else:
            files = [geocode_file(index, path, target, progress=clock)]
        clock.close()
    report = target.with_name(f"{target.stem}-doubtful.csv")
    write_report(files, report)
    _tell(files, target, report)
    return 0


def _tell(files: list[GeocodedFile], target: Path, report: Path) -> None:
    for file in files:
        counts = [f"{file.counts[name]:,} {name.replace('_', ' ')}" for name in ORDER if name in file.counts]
        print(f"{file.name}: {', '.join(counts)}")
        reasons = Counter(file.doubtful["reason"].to_list())
        for reason, count in reasons.most_common(SHOWN):
            print(f"  {count:,} times: {reason}")
    print(f"Written: {target}\nDoubtful: {report}\nAddresses {CREDIT}.")
    sys.stdout.flush()
