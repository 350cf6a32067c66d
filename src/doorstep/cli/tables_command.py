"""``doorstep tables``: what a retailer folder consists of, told by the schemas themselves."""

from collections.abc import Iterator

import dataframely as dy

from doorstep.connectors.retailer_folder import describe_column, describe_row_rules
from doorstep.domain.tables import PLANNING_TABLES, RETAILER_TABLES, TableSpec

INTRODUCTION = """# The retailer folder

<!-- Written by `doorstep tables --markdown`: change the schemas in src/doorstep/domain/tables, not this page. -->

A retailer is a folder with one file for each table, `NAME.csv` or `NAME.parquet`. `doorstep check DIR` reports
every fault of a folder at once; `doorstep sample DIR` writes an example.

- CSV files are UTF-8 with commas between cells and one line of column names; the order of columns is free.
- The end of a column's name is its unit: `_at` epoch seconds in UTC, `_s` seconds, `_m` metres, `_g` grams, `_ml`
  millilitres, `_mm` millimetres, `_minor` minor currency units (cents), `_bp` basis points, `_pct` per cent.
- Moments (`_at`) may also be ISO 8601 with an offset or Z: `2026-03-02T09:15:00-06:00`. In Parquet they may be
  datetimes with a time zone.
- Ids and postal codes are text: `00501` keeps its zeros. In Parquet, write them as strings.
- An empty cell takes the column's default. A column that has a default or may be empty can be left out; so can a
  table that has a default. Unknown columns and tables are left out with a warning.
"""

ALL_TABLES = (*RETAILER_TABLES.values(), *PLANNING_TABLES.values())
"""Tables of the folder, those that only plans of the network read at the end."""


def tables(*, markdown: bool = False) -> int:
    """Describe the tables of a retailer folder.

    Parameters
    ----------
    markdown
        Print the reference page of the documentation instead of plain text.
    """
    print(reference_page() if markdown else "\n".join(_plain_lines()), end="" if markdown else "\n")
    return 0


def reference_page() -> str:
    """Return docs/reference/retailer-folder.md."""
    parts = [INTRODUCTION, *("\n".join(_section(spec)) for spec in ALL_TABLES)]
    return "\n".join(parts)


def _section(spec: TableSpec) -> Iterator[str]:
    yield f"## {spec.name}"
    yield ""
    yield f"{_first_line(spec.schema)} {_presence(spec)}"
    yield ""
    yield "| column | type | if empty | meaning |"
    yield "|---|---|---|---|"
    for name, kind in spec.schema.columns().items():
        column = describe_column(name, kind)
        key = " (key)" if kind.primary_key else ""
        points = next((f" {_points_to(r.table, r.target)}" for r in spec.references if r.column == name), "")
        yield f"| `{name}`{key} | {column.wanted} | {column.if_empty} | {_cell(column.meaning + points)} |"
    rules = describe_row_rules(spec.schema)
    if rules:
        yield ""
        yield f"In every row: {'; '.join(rules)}."
    yield ""


def _plain_lines() -> Iterator[str]:
    for spec in ALL_TABLES:
        yield f"{spec.name}: {_first_line(spec.schema)} {_presence(spec)}"
        for name, kind in spec.schema.columns().items():
            column = describe_column(name, kind)
            yield f"    {name:<28} {column.wanted}; {column.if_empty}. {column.meaning}"
        yield ""


def _presence(spec: TableSpec) -> str:
    return "Required." if spec.default is None else f"Optional; without it: {spec.default_note}."


def _first_line(schema: type[dy.Schema]) -> str:
    return (schema.__doc__ or "").strip().splitlines()[0]


def _points_to(table: str, target: str) -> str:
    return f"(a `{target}` of [{table}](#{table}))"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
