"""The statements of the stock ledger, compiled once."""

import sqlalchemy as sa
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from doorstep.storage.prepared import Prepared, inserting, record_set
from doorstep.storage.schema.ledger import positions, reservations

_COLUMNS = "p.kind, p.site_id, p.item, p.position_id, p.on_hand, p.reserved, p.safety"
FIND = Prepared.of_words(
    sqlite=f"""
    SELECT {_COLUMNS} FROM json_each(:places) AS asked
    CROSS JOIN positions AS p ON p.tenant_id = :tenant_id AND p.kind = json_extract(asked.value, '$[0]')
    AND p.site_id = json_extract(asked.value, '$[1]') AND p.item = json_extract(asked.value, '$[2]')""",
    postgresql=f"""
    SELECT {_COLUMNS}
    FROM jsonb_array_elements(CAST(%(places)s AS jsonb)) AS asked CROSS JOIN LATERAL (
      SELECT * FROM positions WHERE tenant_id = %(tenant_id)s AND kind = asked ->> 0
      AND site_id = asked ->> 1 AND item = asked ->> 2 LIMIT 1) AS p""",
)
FIND_BY_ID = Prepared.of_words(
    sqlite=f"""SELECT {_COLUMNS} FROM json_each(:ids) AS asked CROSS JOIN positions AS p ON p.position_id = asked.value
    WHERE p.tenant_id = :tenant_id""",
    postgresql=f"""SELECT {_COLUMNS} FROM positions AS p
    WHERE p.position_id = ANY(CAST(%(array)s AS bigint[])) AND p.tenant_id = %(tenant_id)s""",
)
_quantity = bindparam("quantity", type_=sa.BigInteger)
TAKE = Prepared(
    update(positions)
    .where(
        positions.c.position_id == bindparam("id"),
        positions.c.on_hand - positions.c.reserved - positions.c.safety >= _quantity,
    )
    .values(reserved=positions.c.reserved + _quantity),
    many="UPDATE positions AS p SET reserved = p.reserved + r.quantity FROM "
    + record_set({"id": "bigint", "quantity": "bigint"})
    + " WHERE p.position_id = r.id AND p.on_hand - p.reserved - p.safety >= r.quantity",
)
CHANGE = Prepared(
    update(positions)
    .where(positions.c.position_id == bindparam("id"))
    .values(
        on_hand=positions.c.on_hand + bindparam("on_hand_delta", type_=sa.BigInteger),
        reserved=positions.c.reserved + bindparam("reserved_delta", type_=sa.BigInteger),
    )
)
KEEP_BACK = Prepared(
    update(positions)
    .where(positions.c.position_id == bindparam("id"))
    .values(safety=positions.c.safety + bindparam("safety_delta", type_=sa.BigInteger))
)
_adding = insert(reservations).values({c.name: bindparam(c.name, type_=c.type) for c in reservations.columns})
HOLD = Prepared(
    _adding.on_conflict_do_update(
        index_elements=["holder_id", "line_no", "position_id", "taken_by"],
        set_={
            "quantity": _adding.excluded.quantity + reservations.c.quantity,
            "expires_at": _adding.excluded.expires_at,
        },
    ),
    many=f"""{inserting(reservations).many} ON CONFLICT (holder_id, line_no, position_id, taken_by) DO UPDATE SET
    quantity = excluded.quantity + reservations.quantity, expires_at = excluded.expires_at""",
)
_as_held = (
    (reservations.c.holder_id == bindparam("of_holder"))
    & (reservations.c.line_no == bindparam("of_line"))
    & (reservations.c.position_id == bindparam("of_position"))
    & (reservations.c.quantity == bindparam("of_quantity", type_=sa.BigInteger))
    & (reservations.c.taken_by == bindparam("of_taker"))
)
CLAIM = Prepared(
    update(reservations)
    .where(_as_held)
    .values(state=sa.literal_column("'claimed'"), taken_by=bindparam("to_taker"), expires_at=sa.null())
)
FORGET = Prepared(delete(reservations).where(_as_held))

HELD_BY = (
    select(
        reservations.c.holder_id, reservations.c.line_no, reservations.c.position_id, reservations.c.quantity,
        positions.c.kind, positions.c.site_id, positions.c.item, reservations.c.taken_by, reservations.c.expires_at,
    )
    .join(positions, positions.c.position_id == reservations.c.position_id)
    .where(reservations.c.state == bindparam("in_state"))
    .order_by(*reservations.primary_key.columns)
)  # fmt: skip
"""What anybody has in a state, still to be narrowed down."""
HOLDINGS = Prepared(HELD_BY.where(reservations.c.holder_id == bindparam("holder_id")))
