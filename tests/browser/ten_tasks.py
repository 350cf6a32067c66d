"""Ten tasks, each done from the start page by what its pages say: ``python -m tests.browser.ten_tasks``.

A made-up day runs on loopback. Tasks are done by words that stand on the pages; addresses serve only to find out which
route, site or shopper offers something. What was clicked, chosen or typed counts as a step, and is printed as a table.
A task that cannot be done says where it ended.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.browser.pictures import Served, busy_day, driver_with_a_route, launched, sign_in
from tests.browser.test_driver import picture

PATIENCE_MS = 20_000
STUDY_MS = 240_000


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

    def open(self, words: str) -> None:
        """Open what is folded behind some words."""
        self.page.locator("summary", has_text=words).first.click(timeout=PATIENCE_MS)
        self.taken.append(words)

    def fill(self, label: str, text: str) -> None:
        """Type into the field of a label."""
        self.page.get_by_label(label).first.fill(text, timeout=PATIENCE_MS)
        self.taken.append(f"{label}: {text.splitlines()[0]}")

    def reads(self, words: str, patience_ms: int = PATIENCE_MS) -> None:
        """Wait until some words stand there."""
        self.page.get_by_text(words).first.wait_for(timeout=patience_ms)


def mend_what_is_late(at: Steps) -> None:
    """Find the order that will be late, and mend it."""
    at.click("Dispatch", nth=0)
    at.click("Take it up", "button")
    at.reads("Taken up")


def reassign_a_stop(at: Steps) -> None:
    """Give a stop to another van, knowing the price."""
    at.click("Dispatch", nth=0)
    routes = at.page.locator("a.route").evaluate_all("all => all.map(one => one.href)")
    for address in routes:
        at.page.goto(address)
        if at.page.locator("form.move option:not([selected])").count():
            break
    at.taken.append("a route of the list")
    form = at.page.locator("form.move").last
    options = form.locator("option:not([selected])")
    form.locator("select").select_option(options.first.get_attribute("value"))
    at.taken.append("another route in “Move to”")
    form.locator("output", has_text=" ").wait_for(timeout=PATIENCE_MS)
    at.taken[-1] += f" ({form.locator('output').inner_text().split('.')[0][:60]})"
    form.get_by_role("button", name="Move").click()
    at.taken.append("Move")
    at.reads("Moved.")


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
    """Choose another time for a delivery, as its shopper."""
    _shoppers_page(at, "Change the time")
    at.open("Change the time")
    at.page.locator("input[name=time]").last.check()
    at.taken.append("a time")
    at.click("Come then", "button")
    at.page.locator(".said, [role=status]").first.wait_for(timeout=PATIENCE_MS)


def receive_at_the_kerb(at: Steps) -> None:
    """Receive a shopper at the kerb."""
    at.click("Store", nth=0)
    sites = at.page.locator("main a[href^='/store/']")
    places = [sites.nth(n).get_attribute("href") for n in range(sites.count())]
    for path in places:
        at.page.goto(f"{at.served.address}{path}/kerb")
        if at.page.get_by_role("link", name="Hand over").count():
            at.page.goto(f"{at.served.address}{path}")
            break
    else:
        raise LookupError("nobody is at any kerb now")
    at.taken.append("the site")
    at.click("Kerb")
    at.click("Hand over")
    at.page.locator("form button.primary").first.wait_for(timeout=PATIENCE_MS)
    at.taken.append(at.page.locator("form button.primary").first.inner_text())


def deliver_offline(at: Steps) -> None:
    """Deliver with a photo while there is no network."""
    at.page.goto(f"{at.served.address}/")
    at.click("Driver", nth=0)
    at.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    at.reads("Everything is sent.")
    for words in ("Set out", "I am there"):
        button = at.page.get_by_role("button", name=words)
        if button.count():
            at.click(words, "button")
    at.page.context.set_offline(True)
    at.click("Hand over")
    at.page.set_input_files("#photo", {"name": "p.png", "mimeType": "image/png", "buffer": picture()})
    at.taken.append("a photo")
    at.page.get_by_alt_text("Photo").wait_for()
    at.click("Delivered", "button")
    at.reads("waiting to send")
    at.page.context.set_offline(False)
    at.reads("Everything is sent.")


TASKS: tuple[Callable[[Steps], None], ...] = (
    mend_what_is_late, reassign_a_stop, receive_at_the_kerb, deliver_offline, reschedule_as_a_shopper,
    accept_a_transfer, eight_regions, explain_a_decision, yesterdays_cost, add_a_carrier,
)  # fmt: skip


def main() -> None:
    """Do the tasks and print what they took."""
    with tempfile.TemporaryDirectory() as folder, busy_day(Path(folder)) as served, sync_playwright() as driver:
        browser = launched(driver)
        driving = driver_with_a_route(served)
        print("| task | done | steps | what was clicked, chosen or typed |\n|---|---|---|---|")
        for task in TASKS:
            who = driving if task is deliver_offline and driving else served
            with begun(browser, who) as at:
                try:
                    task(at)
                    done = "yes"
                except Exception as fault:  # whatever it was, the other tasks are tried
                    done = f"no: {str(fault).splitlines()[0][:100]}"
            what = (task.__doc__ or "").strip(". ")
            print(f"| {what} | {done} | {len(at.taken)} | {', '.join(at.taken)} |", flush=True)
        browser.close()


@contextmanager
def begun(browser: Any, who: Served) -> Iterator[Steps]:
    """Open the start page for somebody."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    sign_in(page, who.address, who.email, who.password)
    page.wait_for_load_state()
    yield Steps(page, who)
    context.close()


def _shoppers_page(at: Steps, having: str) -> None:
    """Open the page of a shopper who is offered something."""
    at.click("Shopper pages", nth=0)
    buttons = at.page.locator("table form button")
    for n in range(min(buttons.count(), 40)):
        buttons.nth(n).click(timeout=PATIENCE_MS)
        if at.page.locator("summary", has_text=having).count():
            at.taken.append("Open")
            return
        at.page.go_back()
    raise LookupError(f"no shopper is offered “{having}” now")


if __name__ == "__main__":
    main()
