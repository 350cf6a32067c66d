"""The report's view of coverage."""

import polars as pl

from doorstep.console.report.coverage import coverage_note, coverage_view


def coverage() -> pl.DataFrame:
    rows = [
        (by, group, sites, within_m, parcels, share)
        for by, group, parcels, today, plan in (
            ("all", "all", 12.5, 0.5, 0.75), ("region", "0", 8.0, 0.4, 0.7), ("group", "IL", 4.0, 0.0, 1.0),
            ("group", "", 0.5, 0.0, 0.0),
        )
        for sites, share in (("today", today), ("plan", plan))
        for within_m in (4_828, 16_093)
    ]  # fmt: skip
    names = ["by", "group", "sites", "within_m", "parcels_per_day", "share"]
    return pl.DataFrame(rows, schema=names, orient="row")


def test_each_group_has_a_row_with_today_beside_the_plan():
    view = coverage_view(coverage())
    assert [heading.text for heading in view.headings] == ["Parcels of", "Parcels a day", "4.8 km", "16.1 km"]
    assert [heading.definition for heading in view.headings[2:]] == ["3 miles", "10 miles"]
    assert [[entry.text.replace("\u00a0", " ") for entry in row] for row in view.rows] == [
        ["all", "12", "50.0 % → 75.0 %", "50.0 % → 75.0 %"],
        ["region 0", "8", "40.0 % → 70.0 %", "40.0 % → 70.0 %"],
        ["IL", "4", "0.0 % → 100.0 %", "0.0 % → 100.0 %"],
        ["no group given", "0", "0.0 % → 0.0 %", "0.0 % → 0.0 %"],
    ]
    assert view.rows[1][2].key == 0.7
    assert view.source == "coverage.csv"


def test_the_note_says_the_share_within_ten_miles():
    assert (
        coverage_note(coverage())
        .replace("\u00a0", " ")
        .startswith("75.0 % of all parcels lie within 16.1 km of a site that sends vans, 50.0 % today")
    )
