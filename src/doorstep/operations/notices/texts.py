"""The words of notices: shipped in English, German and Spanish, each of which a retailer may replace."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from doorstep.domain.calendar import wall_clock
from doorstep.foundation import InputError
from doorstep.tracking.notices import CHANNELS, TOPICS

LOCALES = ("en", "de", "es")
MOST_SMS, MOST_TEXT = 480, 4_000
_environment = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
SAMPLE: Mapping[str, object] = {
    "name": "A. Shopper", "code": "K7QF2M9T", "shop": "Shop", "place": "Main Street 1", "day": "Mon 2 Mar",
    "window_from": "3:00 pm", "window_until": "5:00 pm", "expected": "3:52 pm", "from": "3:41 pm",
    "until": "4:09 pm", "at": "3:50 pm", "late": "likely", "neighbour": False, "reason": "",
    "link": "https://example.com/n/0", "page": "https://example.com/t/0", "pin": "",
}  # fmt: skip
"""What a text may be made of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """The words for a topic by a channel in a language; an empty ``subject`` is that which is shipped."""

    topic: str
    channel: str
    locale: str
    text: str
    subject: str = ""

    def __post_init__(self) -> None:
        if self.topic not in TOPICS or self.channel not in CHANNELS:
            raise InputError(f"text {self.topic} by {self.channel} must be of a topic and a channel that there are.")
        if not self.text or len(self.text) > MOST_TEXT:
            raise InputError(f"text of {self.topic} must have 1 to {MOST_TEXT} characters.")
        for part in (self.subject, self.text):
            try:
                _environment.from_string(part).render(SAMPLE)
            except (TemplateError, ArithmeticError, TypeError, ValueError) as fault:
                raise InputError(
                    f"text of {self.topic} by {self.channel} in {self.locale!r}: {fault}.",
                    hint=f"Maybe it names something else than {', '.join(SAMPLE)}.",
                ) from fault


@cache
def shipped(locale: str) -> Mapping[str, Any]:
    """Return all that is shipped for a language."""
    path = files("doorstep.operations.notices") / "texts" / f"{locale}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def language(locale: str) -> str:
    """Return the shipped language that is nearest to a locale such as ``de-AT``; English if none is."""
    spoken = locale.replace("_", "-").split("-")[0].lower()
    return spoken if spoken in LOCALES else LOCALES[0]


def clock_text(locale: str, zone: str, at: int) -> str:
    """Return a moment as a clock in a zone shows it, in the words of a language."""
    wall = wall_clock(zone, at)
    half, hour12 = ("am", "pm")[wall.hour >= 12], wall.hour % 12 or 12
    return str(shipped(language(locale))["clock"]).format(hour=wall.hour, hour12=hour12, minute=wall.minute, half=half)


def day_text(locale: str, zone: str, at: int) -> str:
    """Return the day of a moment in a zone, in the words of a language."""
    words, wall = shipped(language(locale)), wall_clock(zone, at)
    return str(words["date"]).format(
        weekday=words["weekdays"][wall.weekday], day=wall.day, month=words["months"][wall.month - 1]
    )


def rendered(
    topic: str, channel: str, locale: str, own: Mapping[tuple[str, str, str], Text], facts: Mapping[str, object]
) -> tuple[str, str]:
    """Return subject and text of a notice; a retailer's own words for the locale or its language go before ours."""
    words = shipped(language(locale))
    found = own.get((topic, channel, locale)) or own.get((topic, channel, language(locale)))
    ours = words[topic]
    subject, text = (found.subject or ours["subject"], found.text) if found else (ours["subject"], ours["text"])
    end = "" if found and "link" in found.text else words["sms_end" if channel == "sms" else "end"]
    whole = dict.fromkeys(SAMPLE, "") | dict(facts)
    subject, text, end = (_environment.from_string(part).render(whole).strip() for part in (subject, text, end))
    if channel == "sms":
        return subject, f"{text[: MOST_SMS - len(end) - 1]} {end}".strip()
    return " ".join(subject.split()), f"{text}\n\n{end}".strip() + "\n"
