"""``doorstep explain`` needs nothing but the plan's folder."""

import pytest

from doorstep.cli.explain_command import explain
from doorstep.connectors.plan_folder import write_plan
from doorstep.foundation import NotFoundError
from tests.console.small_plan import plan, retailer, scoreboard


@pytest.fixture
def out(tmp_path):
    write_plan(tmp_path / "out", retailer=retailer(), plan=plan(), scoreboard=scoreboard())
    return tmp_path / "out"


def test_explain_prints_the_story(out, capsys):
    assert explain(out, "O-1") == 0
    told = capsys.readouterr().out
    assert told.startswith("Order O-1 arrives at 11:10 CST on Tue 3 Nov")
    assert "What it costs" in told


def test_an_unknown_order_is_not_found(out):
    with pytest.raises(NotFoundError, match="O-7"):
        explain(out, "O-7")


def test_an_unknown_folder_is_not_found(tmp_path):
    with pytest.raises(NotFoundError, match="--out"):
        explain(tmp_path / "nowhere", "O-1")
