"""``doorstep roads geocode`` as people run it."""

from pathlib import Path

import polars as pl

from doorstep.cli import main
from tests.connectors.osm.test_streets import extract

TOWN = {"addr:street": "Elm Street", "addr:postcode": "12345", "addr:city": "Town"}


def town(folder: Path) -> Path:
    nodes = [(k, 50.0 + k / 10_000, 10.0, {**TOWN, "addr:housenumber": str(2 * k)}) for k in range(1, 6)]
    return extract(folder / "town.osm.pbf", nodes=nodes)


def test_a_table_is_placed_and_what_is_doubtful_is_told(tmp_path: Path, capsys) -> None:
    table = tmp_path / "customers.csv"
    table.write_text("id,street,house_number,city\na,elm st,4,Town\nb,Qwertz,1,Town\n", encoding="utf-8")
    assert main(["roads", "geocode", str(town(tmp_path)), str(table)]) == 0
    said = capsys.readouterr().out
    assert "customers.csv: 1 house, 1 city" in said
    assert "1 times: no such street on the map" in said
    assert "OpenStreetMap contributors" in said
    placed = pl.read_csv(tmp_path / "customers-geocoded.csv")
    assert placed["lat"].to_list()[0] == 50.0002
    doubtful = pl.read_csv(tmp_path / "customers-geocoded-doubtful.csv")
    assert doubtful.select("row", "column", "value").rows() == [(3, "street", "Qwertz")]


def test_what_cannot_be_placed_is_refused_with_exit_code_2(tmp_path: Path, capsys) -> None:
    table = tmp_path / "customers.csv"
    table.write_text("id,name\na,b\n", encoding="utf-8")
    assert main(["roads", "geocode", str(town(tmp_path)), str(table)]) == 2
    assert "Maybe add address, or street" in capsys.readouterr().err
    assert main(["roads", "geocode", str(town(tmp_path)), str(tmp_path / "none.csv")]) == 2
    assert main(["roads", "geocode", str(table), str(table)]) == 2
