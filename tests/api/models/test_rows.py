"""Models made from the tables of the domain keep the tables' rules and come back as the tables' rows."""

import pytest
from pydantic import ValidationError

from doorstep.api.models.network import Carrier, Lane, PriceRule, Product, ServiceLevel, Site, Vehicle
from doorstep.api.problems.faults import faults_of
from doorstep.domain.tables import RETAILER_TABLES
from doorstep.domain.tables.columns import default_of

ALL = (Carrier, Lane, PriceRule, Product, ServiceLevel, Site, Vehicle)
SITE: dict[str, object] = {"site_id": "s", "kind": "store", "lat": 1.5, "lon": 2, "time_zone": "Europe/Paris"}


def fault(**changes: object) -> tuple[str, str]:
    with pytest.raises(ValidationError) as caught:
        Site.model_validate(SITE | changes)
    (only,) = faults_of(caught.value.errors())
    return only.pointer, only.code


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.__name__)
def test_a_model_has_the_columns_of_its_table_with_their_descriptions_and_defaults(model):
    columns = RETAILER_TABLES[model.table].schema.columns()
    properties = model.model_json_schema()["properties"]
    assert list(properties) == list(columns)
    for name, kind in columns.items():
        assert properties[name]["description"] == kind.description
        if default_of(kind):
            assert properties[name]["default"] == default_of(kind)


def test_an_absent_field_takes_the_default_of_the_table():
    row = Site.model_validate(SITE).to_row()
    assert (row["opens"], row["skills"], row["pick_lines_per_day"]) == ("07:00", "", None)


def test_words_are_a_list_outside_and_one_text_inside():
    site = Site.model_validate(SITE | {"skills": ["chilled", "two_person"]})
    assert site.to_row()["skills"] == "chilled;two_person"
    assert Site.from_row(site.to_row()) == site


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"opens": "23:00"}, ("", "inconsistent")),
        ({"opens": "7:00"}, ("/opens", "bad_format")),
        ({"time_zone": "Mars"}, ("/time_zone", "not_allowed")),
        ({"kind": "shop"}, ("/kind", "not_allowed")),
        ({"lat": 100}, ("/lat", "out_of_range")),
        ({"preparation_s": -1}, ("/preparation_s", "out_of_range")),
        ({"preparation_s": 2**63}, ("/preparation_s", "out_of_range")),
        ({"preparation_s": "1"}, ("/preparation_s", "wrong_type")),
        ({"site_id": ""}, ("/site_id", "too_short")),
        ({"name": "\x00"}, ("/name", "bad_text")),
        ({"skills": ["A"]}, ("/skills/0", "bad_format")),
        ({"more": 1}, ("/more", "unknown_field")),
    ],
)
def test_the_rules_of_the_table_hold(changes, told):
    assert fault(**changes) == told


def test_a_rule_over_several_columns_is_told_in_words():
    with pytest.raises(ValidationError, match="opens before it closes"):
        Site.model_validate(SITE | {"opens": "23:00"})
