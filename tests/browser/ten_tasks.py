"""Ten tasks, each done from the start page by what its pages say: ``python -m tests.browser.ten_tasks``.

Five run on a made-up day that ``doorstep serve --demo`` serves, five on staged days that have what such a day may lack.
Tasks are done by words that stand on the pages. What was clicked, chosen or typed counts as a step, and is printed as a
table. A task that cannot be done says where it ended.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from doorstep.api.logs import configure_logs
from tests.browser.patience import PATIENCE_MS, patient
from tests.browser.staged import DRIVER, IN_VAIN, KERB, TWO_VANS, VAN_MISSING, Day, Served, migrated_in, sign_in, staged
from tests.browser.test_driver import picture

STUDY_MS = 240_000
UNDONE_MS = 31_000
"""A driver can undo for so long what they told; it is sent after that."""


@dataclass
class Steps:
    """A page, and the steps that somebody has taken on it."""

    page: Any
    served: Served
    taken: list[str] = field(default_factory=list)

    def click(self, words: str, role: str = "link", *, exact: bool = False, nth: int = 0) -> None:
        """Click what a page calls by some words."""
        self.page.get_by_role(role, name=words, exact=exact).nth(nth).click(timeout=PATIENCE_MS)
        self.taken.append(words)

    def fill(self, label: str, text: str) -> None:
        """Type into the field of a label."""
        self.page.get_by_label(label).first.fill(text, timeout=PATIENCE_MS)
        self.taken.append(f"{label}: {text.splitlines()[0]}")

    def reads(self, words: str, patience_ms: int = PATIENCE_MS) -> None:
        """Wait until some words stand there."""
        self.page.get_by_text(words).first.wait_for(timeout=patience_ms)


def mend_what_is_late(at: Steps) -> None:
    """Find what will be late, and mend it."""
    at.click("Dispatch")
    at.reads("Send one van more")
    at.click("Take it up", "button")
    at.reads("One van more goes out.")
    at.reads("Nothing is at risk")


def reassign_a_stop(at: Steps) -> None:
    """Give a stop to another van, knowing the price."""
    at.click("Dispatch")
    at.page.locator("a.route", has_text="of 5 done").click()
    at.taken.append("a route")
    form = at.page.locator("form.move").last
    other = form.locator("option:not([selected])").first.get_attribute("value")
    form.locator("select").select_option(other)
    at.taken.append("another route in “Move to”")
    at.taken[-1] += f" ({form.locator('output strong').inner_text()})"
    form.get_by_role("button", name="Move").click()
    at.taken.append("Move")
    at.reads("Moved: it is on")


def explain_a_decision(at: Steps) -> None:
    """Say why an order is brought the way it is."""
    at.click("Dispatch", nth=0)
    at.page.locator("a.route").first.click()
    at.taken.append("a route of the list")
    at.page.locator("table.stops a").first.click()
    at.taken.append("an order of its stops")
    at.reads("Why")


def accept_a_transfer(at: Steps) -> None:
    """Accept that stock is moved."""
    at.click("Plan", nth=0)
    at.click("Demand and stock")
    if not at.page.get_by_role("button", name="Accept").count():
        at.page.get_by_label("buy nothing, only move").check()
        at.taken.append("buy nothing, only move")
        at.click("Work it out", "button")
        for _ in range(24):
            at.page.wait_for_timeout(5_000)
            at.page.reload()
            if at.page.get_by_role("button", name="Accept").count():
                break
    at.click("Accept", "button", exact=True)
    at.reads("Taken up.")


def eight_regions(at: Steps) -> None:
    """See the network in eight regions on the map."""
    at.click("Plan", nth=0)
    at.click("Network", exact=True)
    at.fill("Regions", "8")
    at.click("Work it out", "button")
    at.page.get_by_role("link", name="Network study").or_(
        at.page.locator("main a[href^='/plan/network/']")
    ).first.click()
    at.taken.append("the study")
    at.page.locator(".tag.good").first.wait_for(timeout=STUDY_MS)
    at.page.reload()
    at.page.wait_for_selector("ds-map[data-idle]", state="attached", timeout=PATIENCE_MS)
    at.page.locator("ds-map .map-place").wait_for(timeout=PATIENCE_MS)
    at.reads("Its 8 regions")


def yesterdays_cost(at: Steps) -> None:
    """Find what a parcel cost yesterday."""
    at.click("Dispatch", nth=0)
    at.click("today and yesterday")
    at.reads("Cost per parcel")


def add_a_carrier(at: Steps) -> None:
    """Add a carrier with its tariff."""
    at.click("Plan", nth=0)
    at.click("Carriers")
    at.fill("Short name", "swift")
    at.fill("Rate card:", "up_to_km\tprice\n5\t6.50\n12\t8.90")
    at.click("Add it", "button")
    at.reads("Added:")


def reschedule_as_a_shopper(at: Steps) -> None:
    """Choose another time, as a shopper."""
    at.page.goto(at.served.address + at.served.told)
    at.taken.append("the link")
    times = at.page.get_by_role("group", name="When may we come?")
    times.get_by_role("radio", name="16:00 to 20:00").first.check()
    at.taken.append("a time")
    at.click("Come then", "button")
    at.reads("You asked for")


def receive_at_the_kerb(at: Steps) -> None:
    """Receive a shopper at the kerb."""
    at.click("Store")
    at.click("Kerb")
    at.click("Hand over")
    at.fill("The shopper's code", at.served.told)
    at.click("Hand over", "button")
    at.reads("is handed over.")


def deliver_offline(at: Steps) -> None:
    """Deliver with a photo, offline."""
    at.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    at.reads("Everything is sent.")
    at.page.context.set_offline(True)
    at.page.reload()  # the telephone was in a pocket meanwhile
    at.click("I am there", "button")
    at.click("Hand over")
    at.page.set_input_files("#photo", {"name": "p.png", "mimeType": "image/png", "buffer": picture()})
    at.taken.append("a photo")
    at.page.get_by_alt_text("Photo").wait_for(timeout=PATIENCE_MS)
    at.click("Delivered", "button")
    at.reads("2 waiting to send. No network.")
    at.page.context.set_offline(False)
    at.page.clock.fast_forward(UNDONE_MS)
    at.reads("Everything is sent.")


Task = Callable[[Steps], None]
STAGED: dict[Task, Day] = {
    mend_what_is_late: VAN_MISSING, reassign_a_stop: TWO_VANS, receive_at_the_kerb: KERB, deliver_offline: DRIVER,
    reschedule_as_a_shopper: IN_VAIN,
}  # fmt: skip
"""Tasks that a made-up day may not offer, and the day that does."""
BUSY: tuple[Task, ...] = (accept_a_transfer, eight_regions, explain_a_decision, yesterdays_cost, add_a_carrier)


def main() -> None:
    """Do the tasks and print what they took."""
    from playwright.sync_api import sync_playwright

    from tests.browser.pictures import busy_day, launched

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=["staged", "busy"], help="do the tasks of such days only")
    only = parser.parse_args().only
    configure_logs(level="warning", form="text")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        browser = launched(driver)
        print("| task | done | steps | what was clicked, chosen or typed |\n|---|---|---|---|")
        migrated = migrated_in(Path(folder))
        for task, day in STAGED.items() if only != "busy" else ():
            with staged(migrated, Path(folder), day) as served:
                print(tried(browser, task, served), flush=True)
        if only != "staged":
            with busy_day(Path(folder)) as served:
                for task in BUSY:
                    print(tried(browser, task, served), flush=True)
        browser.close()


def tried(browser: Any, task: Task, served: Served) -> str:
    """Try a task, and return what it took as a row of the table."""
    with begun(browser, served) as at:
        try:
            task(at)
            done = "yes"
        except Exception as fault:  # whatever it was, the other tasks are tried
            done = f"no: {str(fault).splitlines()[0][:100]}"
    what = (task.__doc__ or "").strip(". ")
    return f"| {what} | {done} | {len(at.taken)} | {', '.join(at.taken)} |"


@contextmanager
def begun(browser: Any, served: Served) -> Iterator[Steps]:
    """Open the start page for somebody; whoever has no account begins nowhere."""
    context = patient(browser.new_context(viewport={"width": 1440, "height": 900}))
    page = context.new_page()
    sign_in(page, served)
    yield Steps(page, served)
    context.close()


if __name__ == "__main__":
    main()
