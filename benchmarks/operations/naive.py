"""What most would write first: SQLAlchemy ORM, one session and one commit an order, stock locked row by row.

It keeps the same promises to the shopper: an order is stored with its lines, its reservation, an audit row and an
event, or not at all. It chooses no site; each line's stock row is given.
"""

import json
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

from benchmarks.operations.load import Measured, run
from doorstep.domain.new_order import NewOrder

THREADS = 8


class Base(DeclarativeBase):
    """The naive shop's tables."""


class Stock(Base):
    """Units of a product."""

    __tablename__ = "naive_stock"
    product_id: Mapped[str] = mapped_column(primary_key=True)
    on_hand: Mapped[int]
    reserved: Mapped[int]


class Order(Base):
    """An order."""

    __tablename__ = "naive_orders"
    order_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    external_id: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str]
    lat: Mapped[float]
    lon: Mapped[float]
    service_level_id: Mapped[str]
    lines: Mapped[list["Line"]] = relationship(back_populates="order")


class Line(Base):
    """A line of an order, which reserves its product."""

    __tablename__ = "naive_lines"
    line_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("naive_orders.order_id"))
    product_id: Mapped[str]
    quantity: Mapped[int]
    order: Mapped[Order] = relationship(back_populates="lines")


class Audit(Base):
    """Who did what."""

    __tablename__ = "naive_audit"
    audit_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    order_id: Mapped[int]
    event: Mapped[str]


class Event(Base):
    """What is told to others."""

    __tablename__ = "naive_events"
    event_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    order_id: Mapped[int]
    data: Mapped[str]


def engine_of(url: str) -> sa.Engine:
    """Return an engine as durable as doorstep's."""
    if not url.startswith("sqlite"):
        return sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"), pool_size=THREADS)
    engine = sa.create_engine(url, pool_size=THREADS, connect_args={"timeout": 60})

    @sa.event.listens_for(engine, "connect")
    def configure(driver: "sa.engine.interfaces.DBAPIConnection", _record: object) -> None:
        cursor = driver.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.close()

    return engine


def measure_naive(url: str, products: list[str], orders: list[NewOrder]) -> Measured:
    """Take orders by eight threads, each in a transaction of its own."""
    engine = engine_of(url)
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all(Stock(product_id=p, on_hand=1_000_000, reserved=0) for p in products)
        session.commit()
    one_writer = Lock()  # threads that write SQLite at once starve each other for seconds

    def take(order: NewOrder) -> None:
        if engine.dialect.name != "sqlite":
            _take(engine, order)
            return
        with one_writer:
            _take(engine, order)

    with ThreadPoolExecutor(THREADS) as pool:

        def send(order: NewOrder) -> "Future[object]":
            return pool.submit(take, order)  # type: ignore[return-value]

        found = run(send, orders, THREADS)
    engine.dispose()
    return found


def _take(engine: sa.Engine, order: NewOrder) -> None:
    with Session(engine) as session:
        wanted = sorted((line.product_id, line.quantity) for line in order.lines)
        for product, quantity in wanted:
            stock = session.get_one(Stock, product, with_for_update=True)
            if stock.on_hand - stock.reserved < quantity:
                raise RuntimeError("not enough stock")
            stock.reserved += quantity
        row = Order(external_id=order.external_id, state="placed", lat=order.lat, lon=order.lon,
                    service_level_id=order.service_level_id)  # fmt: skip
        row.lines = [Line(product_id=product, quantity=quantity) for product, quantity in wanted]
        session.add(row)
        session.flush()
        session.add(Audit(order_id=row.order_id, event="create"))
        session.add(Event(order_id=row.order_id, data=json.dumps({"order_id": row.order_id, "state": "placed"})))
        session.commit()
