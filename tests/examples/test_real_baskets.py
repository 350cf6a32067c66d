"""The example on real data gives a sound folder whose made-up parts are declared; it needs that data."""

import os
import re
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from doorstep.connectors.retailer_folder import read_folder

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
NEEDED = ("orders/cj_lines_2017_01_09.parquet", "geo/us_blockgroups_2020.csv.gz", "geo/walmart_stores_2018.csv")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    missing = [name for name in NEEDED if not (DATA / name).exists()]
    if missing:
        pytest.skip(f"real data is not here: {', '.join(missing)} below shared/data beside the repository")
    out = tmp_path_factory.mktemp("real") / "baskets"
    command = [sys.executable, str(ROOT / "examples" / "real_baskets.py"), str(out), "--data", str(DATA)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        [*command, "--date", "2017-05-05"], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    return out


def test_the_folder_is_sound_and_holds_a_day_of_baskets_and_the_stores_of_the_metro(folder: Path) -> None:
    reading = read_folder(folder)
    assert (reading.faults, reading.warnings) == ((), ())
    assert reading.retailer is not None
    retailer = reading.retailer
    assert 350 <= retailer.orders.height <= 400
    assert retailer.order_lines.height > 3000
    assert (retailer.sites["kind"] == "store").sum() >= 15
    assert (retailer.sites["kind"] == "fc").sum() == 2
    assert retailer.order_lines["quantity"].is_between(1, 12).all()


def test_every_table_is_declared_as_real_or_made_up(folder: Path) -> None:
    said = (folder / "README.md").read_text()
    tables = sorted(file.stem for file in folder.glob("*.csv"))
    assert "orders" in tables
    assert [name for name in tables if not re.search(rf"\b{name}\b", said)] == []


def test_postal_codes_are_real_ones_with_five_digits(folder: Path) -> None:
    codes = pl.read_csv(folder / "orders.csv", infer_schema=False)["postal_code"]
    assert codes.str.contains(r"^46\d{3}$").all()
