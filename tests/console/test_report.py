"""The report is one safe, self-contained file that says what the plan's tables say."""

import json
import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from doorstep.console.report import render_report
from doorstep.console.report.drop_costs import drop_errors, drop_table
from doorstep.console.report.page import embedded_json
from tests.console.small_plan import EVIL, empty_plan, plan, retailer, scoreboard

VOID = {"meta", "link", "br", "input", "img", "hr"}


class Outline(HTMLParser):
    """Collects elements, their attributes, texts by element, and whether every element is closed."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.open, self.faults, self.texts = [], [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append((tag, self.getpos()))

    def handle_data(self, data):
        if self.open and self.open[-1] not in {"script", "style"}:
            self.texts.append(data)

    def words(self):
        """Return all texts, every kind of space as one plain space."""
        return " ".join(" ".join(self.texts).split())


@pytest.fixture(scope="module")
def html():
    return render_report(retailer(), plan(), scoreboard(), title=f"Day {EVIL}", notes=[f"Generated {EVIL}"])


@pytest.fixture(scope="module")
def outline(html):
    return Outline(html)


def test_every_element_is_closed_where_it_was_opened(outline):
    assert outline.faults == []
    assert outline.open == []


def test_nothing_is_loaded_from_anywhere(html, outline):
    addresses = [v for _, a in outline.elements for k, v in a.items() if k in {"src", "href", "action", "srcset"} and v]
    assert [v for v in addresses if not v.startswith(("#", "data:"))] == []
    assert not re.search(r"https?://|@import|url\(|//cdn", html.replace("http://www.w3.org/", ""))
    policy = next(a["content"] for t, a in outline.elements if a.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy


def test_names_with_markup_stay_text(html, outline):
    assert [tag for tag, _ in outline.elements].count("script") == 2
    assert "<script>alert" not in html
    assert f"Store {EVIL}" in outline.words()
    assert f"Generated {EVIL}" in outline.words()


def test_embedded_json_cannot_close_its_element():
    text = str(embedded_json({"a": "</script><!-- & \u2028"}))
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {"a": "</script><!-- & \u2028"}


def test_the_headline_says_orders_cost_saving_and_punctuality(outline):
    words = outline.words()
    assert "3 of 4 orders are served, at $7.42 an order." in words
    assert "That is 30.0 % less than the baseline “nearest FC, cheapest carrier” ($10.60)" in words
    assert "as much as the baseline “fewest splits, own fleet” ($7.42)" in words
    assert "66.7 % of all orders are served inside their promise; 1 order arrives outside it." in words


def test_a_measure_unknown_to_the_report_is_shown_under_its_name(outline):
    assert "Sunshine per cloud" in outline.words()
    assert "sunshine_per_cloud_s" in outline.words()


def test_every_measure_of_the_scoreboard_has_a_definition(outline):
    defined = {a["id"][2:] for tag, a in outline.elements if tag == "div" and a.get("id", "").startswith("m-")}
    assert defined == set(scoreboard()["measure"])
    terms = [a for tag, a in outline.elements if tag == "a" and a.get("class") == "term"]
    assert terms
    assert all(a["title"] for a in terms)


def test_tables_have_captions_and_scoped_headings(outline):
    tags = [tag for tag, _ in outline.elements]
    assert tags.count("table") == tags.count("caption")
    assert all("scope" in a for tag, a in outline.elements if tag == "th")


def test_headings_do_not_skip_a_level(outline):
    levels = [int(tag[1]) for tag, _ in outline.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_ids_are_unique_and_links_within_the_page_lead_somewhere(outline):
    ids = [a["id"] for _, a in outline.elements if "id" in a]
    assert len(ids) == len(set(ids))
    links = {a["href"][1:] for _, a in outline.elements if a.get("href", "").startswith("#")}
    assert links <= set(ids)


def test_the_map_is_described_in_words(outline):
    label = next(a["aria-label"] for _, a in outline.elements if a.get("id") == "map-view")
    assert "2 sites (1 x store and 1 x fulfilment centre), 1 route" in label
    assert "1 by own fleet, 1 by parcel carrier, 1 by pickup and 1 by unserved" in label


def test_the_map_has_every_door_with_its_mode_and_route(html):
    [embedded] = re.findall(r'id="map-data">(.*?)</script>', html, re.S)
    dots = json.loads(embedded)["dots"]
    assert dots["id"] == ["O-1", "O-2", "O-3", "O-4"]
    assert dots["mode"] == "0234"
    assert dots["route"] == [0, -1, -1, -1]
    assert dots["minute"] == [11 * 60 + 10, 20 * 60, 10 * 60, -1]


def test_unserved_orders_are_listed_with_their_reason(outline):
    assert "1 order is returned with a reason" in outline.words()
    assert "out of stock 1" in outline.words()


def test_dearest_orders_come_first_and_tell_why(outline):
    words = outline.words()
    dearest = words[words.index("The dearest orders (") :]
    assert dearest.index("O-2 $13.10") < dearest.index("O-1 $5.81") < dearest.index("O-3 $3.35")


def test_a_plan_of_nothing_still_renders(outline):
    nothing = render_report(retailer(), empty_plan(), scoreboard().clear(), title="Nothing")
    assert Outline(nothing).faults == []
    assert "There are no orders to plan." in Outline(nothing).words()
    assert "No own vehicle drives" in nothing


def test_drops_are_shown_by_density_with_what_was_expected_and_what_they_cost():
    table = drop_table(retailer(), plan())
    assert [[entry.text for entry in row[:4]] for row in table.rows] == [
        ["0.125 to 0.25", "4", "$4.50", "$4.00"],
        ["2 to 4", "2", "$3.50", "$3.50"],
    ]
    assert [[entry.key for entry in row[4:]] for row in table.rows] == [[0.125, 0.25], [0.0, 0.1]]


def test_the_error_of_expected_costs_is_told_in_one_sentence():
    assert drop_errors(plan()).replace("\u00a0", " ") == (
        "Expected costs were off by 20.0% a drop on average, and by +8.7% in total."
    ).replace("%", " %")
    assert drop_errors(empty_plan()) == ""
