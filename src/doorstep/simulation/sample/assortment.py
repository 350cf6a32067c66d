"""What a general retailer sells: products by category with long-tailed sizes, weights, prices and popularity."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from doorstep.foundation.arrays import Bools, Floats

THEMES = ("grocery", "general")
ZIPF_EXPONENT, ZIPF_OFFSET = 0.95, 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A kind of goods: medians and log-normal spreads; density in grams per litre as packed; price in US cents."""

    name: str
    share: float
    appeal: float
    side_mm: float
    density: float
    price: float
    spread: float
    margin: float
    themes: tuple[str, ...]
    flags: str = ""


CATEGORIES = (
    Category(name="pantry", share=0.20, appeal=3.0, side_mm=120, density=550, price=420, spread=0.45, margin=0.27,
             themes=("grocery",)),
    Category(name="snacks and drinks", share=0.10, appeal=3.0, side_mm=150, density=500, price=550, spread=0.50,
             margin=0.30, themes=("grocery",)),
    Category(name="chilled", share=0.10, appeal=4.0, side_mm=110, density=650, price=480, spread=0.40, margin=0.26,
             themes=("grocery",), flags="chilled"),
    Category(name="wine, beer, spirits", share=0.03, appeal=1.5, side_mm=150, density=900, price=1500, spread=0.50,
             margin=0.25, themes=("grocery",), flags="age_restricted"),
    Category(name="household", share=0.12, appeal=2.0, side_mm=190, density=350, price=900, spread=0.50, margin=0.30,
             themes=("grocery", "general")),
    Category(name="health and beauty", share=0.12, appeal=1.5, side_mm=80, density=500, price=950, spread=0.60,
             margin=0.38, themes=("grocery", "general")),
    Category(name="clothing", share=0.12, appeal=0.8, side_mm=210, density=200, price=2200, spread=0.50, margin=0.45,
             themes=("general",)),
    Category(name="toys and hobbies", share=0.08, appeal=0.8, side_mm=240, density=220, price=2000, spread=0.60,
             margin=0.35, themes=("general",)),
    Category(name="electronics", share=0.07, appeal=0.9, side_mm=170, density=350, price=6500, spread=0.80,
             margin=0.16, themes=("general",)),
    Category(name="home and garden", share=0.045, appeal=0.6, side_mm=330, density=250, price=4000, spread=0.60,
             margin=0.34, themes=("general",)),
    Category(name="furniture and large appliances", share=0.015, appeal=0.7, side_mm=800, density=190, price=28000,
             spread=0.35, margin=0.28, themes=("general",), flags="two_person"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Assortment:
    """Products in order of popularity: row 0 sells best.

    ``appeal`` (P,) is each row's share of all demand; ``in_theme`` (T, P) says which themes may hold the product.
    """

    products: pl.DataFrame
    appeal: Floats
    in_theme: Bools


def invent_assortment(count: int, minor_per_cent: float, rng: np.random.Generator) -> Assortment:
    """Return ``count`` products; prices are at US level times ``minor_per_cent``."""
    kind = _kinds(count, rng)
    median = {f: np.array([float(getattr(c, f)) for c in CATEGORIES])[kind]
              for f in ("side_mm", "density", "price", "spread", "margin")}  # fmt: skip
    middle = median["side_mm"] * np.exp(rng.normal(0.0, 0.30, count))
    sides = np.sort(middle[:, None] * np.exp(rng.normal([-0.35, 0.0, 0.35], 0.15, (count, 3))), axis=1)[:, ::-1]
    sides = np.clip(np.rint(sides), 8, 2200).astype(np.int64)
    litres = sides.prod(axis=1) / 1e6
    weight = np.clip(litres * median["density"] * np.exp(rng.normal(0.0, 0.35, count)), 15, 80_000)
    cents = np.maximum(median["price"] * np.exp(rng.normal(0.0, median["spread"])), 79)
    price = np.maximum(np.rint(np.ceil(cents / 10) * 10 - 1) * minor_per_cent, 1)
    margin = price * np.clip(median["margin"] + rng.normal(0.0, 0.06, count), 0.02, 0.7)
    products = pl.DataFrame(
        {
            "product_id": _ids(count, rng),
            "name": [f"{CATEGORIES[k].name} {n + 1:04d}" for n, k in enumerate(kind.tolist())],
            "length_mm": sides[:, 0],
            "width_mm": sides[:, 1],
            "height_mm": sides[:, 2],
            "weight_g": np.rint(weight).astype(np.int64),
            "price_minor": np.rint(price).astype(np.int64),
            "margin_minor": np.floor(margin).astype(np.int64),
            "flags": [CATEGORIES[k].flags for k in kind.tolist()],
        }
    )
    appeal = (np.arange(count) + 1.0 + ZIPF_OFFSET) ** -ZIPF_EXPONENT
    in_theme = np.array([[theme in CATEGORIES[k].themes for k in kind.tolist()] for theme in THEMES])
    return Assortment(products=products, appeal=appeal / appeal.sum(), in_theme=in_theme)


def _kinds(count: int, rng: np.random.Generator) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return a category per popularity rank: appealing categories get the better ranks, with much chance."""
    share = np.array([c.share for c in CATEGORIES])
    kind = rng.choice(len(CATEGORIES), count, p=share / share.sum())
    kind[: len(CATEGORIES)] = np.arange(len(CATEGORIES))[:count]  # every category is there
    luck = rng.gumbel(size=count) + np.log(np.array([c.appeal for c in CATEGORIES]))[kind]
    return np.asarray(kind[np.argsort(-luck, kind="stable")], dtype=np.int64)


def _ids(count: int, rng: np.random.Generator) -> list[str]:
    """Return article numbers with leading zeros, in no order that tells popularity."""
    return [f"{number:06d}" for number in rng.permutation(np.arange(101, 101 + 7 * count, 7)).tolist()]
