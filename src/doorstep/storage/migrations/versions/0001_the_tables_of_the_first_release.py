"""The tables of the first release."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of this revision."""
    op.create_table(
        "api_keys",
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("prefix", sa.Text(), server_default="", nullable=False),
        sa.Column("secret_hash", sa.Text(), server_default="", nullable=False),
        sa.Column("scopes", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_api_keys_secret_hash")),
    )
    op.create_index(op.f("ix_api_keys_tenant_id_key_id"), "api_keys", ["tenant_id", "key_id"], unique=False)
    op.create_table(
        "audit",
        sa.Column("audit_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("object_id", sa.Text(), server_default="", nullable=False),
        sa.Column("event", sa.Text(), server_default="", nullable=False),
        sa.Column("from_state", sa.Text(), server_default="", nullable=False),
        sa.Column("to_state", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("hash", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("audit_no", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_object_id_audit_no"), "audit", ["object_id", "audit_no"], unique=False)
    op.create_table(
        "carrier_bookings",
        sa.Column("booking_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("delivery_id", sa.Text(), server_default="", nullable=False),
        sa.Column("carrier_id", sa.Text(), server_default="", nullable=False),
        sa.Column("carrier_ref", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("expected_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("quoted_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("price_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("currency", sa.Text(), server_default="", nullable=False),
        sa.Column("tracking_url", sa.Text(), server_default="", nullable=False),
        sa.Column("courier", sa.Text(), server_default="", nullable=False),
        sa.Column("contractor_id", sa.Text(), server_default="", nullable=False),
        sa.Column("dropoff_at", sa.BigInteger(), nullable=True),
        sa.Column("heard_at", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_carrier_bookings")),
    )
    op.create_index(
        op.f("ix_carrier_bookings_carrier_id_carrier_ref"),
        "carrier_bookings",
        ["carrier_id", "carrier_ref"],
        unique=False,
    )
    op.create_index(
        op.f("ix_carrier_bookings_contractor_id_state"), "carrier_bookings", ["contractor_id", "state"], unique=False
    )
    op.create_index(op.f("ix_carrier_bookings_delivery_id"), "carrier_bookings", ["delivery_id"], unique=False)
    op.create_index(
        op.f("ix_carrier_bookings_tenant_id_state_booking_id"),
        "carrier_bookings",
        ["tenant_id", "state", "booking_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_carrier_bookings_tenant_id_state_carrier_id"),
        "carrier_bookings",
        ["tenant_id", "state", "carrier_id"],
        unique=False,
    )
    op.create_table(
        "carrier_invoice_lines",
        sa.Column("invoice_id", sa.Text(), nullable=False),
        sa.Column("line_no", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("day", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("job_id", sa.Text(), server_default="", nullable=False),
        sa.Column("delivery_id", sa.Text(), server_default="", nullable=False),
        sa.Column("expected_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("outcome", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("invoice_id", "line_no", name=op.f("pk_carrier_invoice_lines")),
    )
    op.create_index(
        op.f("ix_carrier_invoice_lines_tenant_id_job_id"),
        "carrier_invoice_lines",
        ["tenant_id", "job_id"],
        unique=False,
    )
    op.create_table(
        "carrier_invoices",
        sa.Column("invoice_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("carrier_id", sa.Text(), server_default="", nullable=False),
        sa.Column("number", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("fingerprint", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("invoice_id", name=op.f("pk_carrier_invoices")),
        sa.UniqueConstraint(
            "tenant_id", "carrier_id", "number", name=op.f("uq_carrier_invoices_tenant_id_carrier_id_number")
        ),
    )
    op.create_table(
        "carrier_rates",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("row_no", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("carrier_id", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("max_distance_m", sa.BigInteger(), nullable=True),
        sa.Column("max_weight_g", sa.BigInteger(), nullable=True),
        sa.Column("transit_days", sa.BigInteger(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("price_per_km_minor", sa.BigInteger(), nullable=False),
        sa.Column("included_m", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "row_no", name=op.f("pk_carrier_rates")),
    )
    op.create_table(
        "carrier_surcharges",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("row_no", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("carrier_id", sa.Text(), nullable=False),
        sa.Column("surcharge", sa.Text(), nullable=False),
        sa.Column("over_side_mm", sa.BigInteger(), nullable=True),
        sa.Column("over_weight_g", sa.BigInteger(), nullable=True),
        sa.Column("requirement", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("percent_bp", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "row_no", name=op.f("pk_carrier_surcharges")),
        sa.UniqueConstraint(
            "tenant_id", "carrier_id", "surcharge", name=op.f("uq_carrier_surcharges_tenant_id_carrier_id_surcharge")
        ),
    )
    op.create_table(
        "carrier_zones",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("row_no", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("carrier_id", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Text(), nullable=False),
        sa.Column("postal_prefix", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "row_no", name=op.f("pk_carrier_zones")),
        sa.UniqueConstraint(
            "tenant_id",
            "carrier_id",
            "site_id",
            "postal_prefix",
            name=op.f("uq_carrier_zones_tenant_id_carrier_id_site_id_postal_prefix"),
        ),
    )
    op.create_table(
        "carriers",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("row_no", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("carrier_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("serves_kinds", sa.Text(), nullable=False),
        sa.Column("collects", sa.Text(), nullable=False),
        sa.Column("delivers_from", sa.Text(), nullable=False),
        sa.Column("delivers_by", sa.Text(), nullable=False),
        sa.Column("weekdays", sa.Text(), nullable=False),
        sa.Column("lead_s", sa.BigInteger(), nullable=False),
        sa.Column("dim_ml_per_kg", sa.BigInteger(), nullable=True),
        sa.Column("max_weight_g", sa.BigInteger(), nullable=True),
        sa.Column("max_side_mm", sa.BigInteger(), nullable=True),
        sa.Column("daily_limit", sa.BigInteger(), nullable=True),
        sa.Column("fuel_surcharge_bp", sa.BigInteger(), nullable=False),
        sa.Column("failure_bp", sa.BigInteger(), nullable=False),
        sa.Column("skills", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "row_no", name=op.f("pk_carriers")),
        sa.UniqueConstraint("tenant_id", "carrier_id", name=op.f("uq_carriers_tenant_id_carrier_id")),
    )
    op.create_table(
        "cartons",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("row_no", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("carton_id", sa.Text(), nullable=False),
        sa.Column("length_mm", sa.BigInteger(), nullable=False),
        sa.Column("width_mm", sa.BigInteger(), nullable=False),
        sa.Column("height_mm", sa.BigInteger(), nullable=False),
        sa.Column("max_weight_g", sa.BigInteger(), nullable=False),
        sa.Column("tare_g", sa.BigInteger(), nullable=False),
        sa.Column("cost_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "row_no", name=op.f("pk_cartons")),
        sa.UniqueConstraint("tenant_id", "carton_id", name=op.f("uq_cartons_tenant_id_carton_id")),
    )
    op.create_table(
        "collections",
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Text(), server_default="", nullable=False),
        sa.Column("code_hash", sa.Text(), server_default="", nullable=False),
        sa.Column("code_tries", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("keep_until_at", sa.BigInteger(), nullable=True),
        sa.Column("vehicle", sa.Text(), server_default="", nullable=False),
        sa.Column("expected_at", sa.BigInteger(), nullable=True),
        sa.Column("arrived_at", sa.BigInteger(), nullable=True),
        sa.Column("bay", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_collections")),
        sa.UniqueConstraint("tenant_id", "site_id", "bay", name=op.f("uq_collections_tenant_id_site_id_bay")),
    )
    op.create_index(
        op.f("ix_collections_keep_until_at"),
        "collections",
        ["keep_until_at"],
        unique=False,
        sqlite_where=sa.text("keep_until_at IS NOT NULL"),
        postgresql_where=sa.text("keep_until_at IS NOT NULL"),
    )
    op.create_table(
        "compartments",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("row_no", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("compartment_id", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Text(), nullable=False),
        sa.Column("length_mm", sa.BigInteger(), nullable=False),
        sa.Column("width_mm", sa.BigInteger(), nullable=False),
        sa.Column("height_mm", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "row_no", name=op.f("pk_compartments")),
        sa.UniqueConstraint("tenant_id", "compartment_id", name=op.f("uq_compartments_tenant_id_compartment_id")),
    )
    op.create_table(
        "contacts",
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("locale", sa.Text(), server_default="", nullable=False),
        sa.Column("address", sa.Text(), server_default="{}", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_order_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("contact_id", name=op.f("pk_contacts")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_contacts_last_order_at"), "contacts", ["last_order_at"], unique=False)
    op.create_table(
        "contractor_offers",
        sa.Column("offer_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("booking_id", sa.Text(), server_default="", nullable=False),
        sa.Column("delivery_id", sa.Text(), server_default="", nullable=False),
        sa.Column("contractor_id", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("pay_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("offered_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("offer_id", name=op.f("pk_contractor_offers")),
        sa.UniqueConstraint("booking_id", "contractor_id", name=op.f("uq_contractor_offers_booking_id_contractor_id")),
    )
    op.create_index(
        op.f("ix_contractor_offers_contractor_id_state"),
        "contractor_offers",
        ["contractor_id", "state"],
        unique=False,
    )
    op.create_index(op.f("ix_contractor_offers_delivery_id"), "contractor_offers", ["delivery_id"], unique=False)
    op.create_table(
        "contractors",
        sa.Column("contractor_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("carrier_id", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column("vehicle", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("max_weight_g", sa.BigInteger(), nullable=True),
        sa.Column("max_volume_ml", sa.BigInteger(), nullable=True),
        sa.Column("skills", sa.Text(), server_default="", nullable=False),
        sa.Column("site_ids", sa.Text(), server_default="", nullable=False),
        sa.Column("zones", sa.Text(), server_default="", nullable=False),
        sa.Column("most_at_once", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("offered_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("link_hash", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("contractor_id", name=op.f("pk_contractors")),
        sa.UniqueConstraint("link_hash", name=op.f("uq_contractors_link_hash")),
    )
    op.create_index(
        op.f("ix_contractors_tenant_id_carrier_id"), "contractors", ["tenant_id", "carrier_id"], unique=False
    )
    op.create_table(
        "decisions",
        sa.Column("decision_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), server_default="", nullable=False),
        sa.Column("question", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("alternatives", sa.Text(), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_decisions")),
    )
    op.create_index(op.f("ix_decisions_order_id"), "decisions", ["order_id"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("event_at", sa.BigInteger(), nullable=True),
        sa.Column("site_id", sa.Text(), server_default="", nullable=False),
        sa.Column("mode", sa.Text(), server_default="", nullable=False),
        sa.Column("carrier_id", sa.Text(), server_default="", nullable=False),
        sa.Column("route_id", sa.Text(), nullable=True),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("pin_tries", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("ready_at", sa.BigInteger(), nullable=True),
        sa.Column("arrive_at", sa.BigInteger(), nullable=True),
        sa.Column("parcels", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("weight_g", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("volume_ml", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cost_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cost_parts", sa.Text(), server_default="{}", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_deliveries")),
    )
    op.create_index(op.f("ix_deliveries_order_id"), "deliveries", ["order_id"], unique=False)
    op.create_index(op.f("ix_deliveries_route_id"), "deliveries", ["route_id"], unique=False)
    op.create_index(
        op.f("ix_deliveries_tenant_id_carrier_id_arrive_at"),
        "deliveries",
        ["tenant_id", "carrier_id", "arrive_at"],
        unique=False,
    )
    op.create_index(op.f("ix_deliveries_tenant_id_created_at"), "deliveries", ["tenant_id", "created_at"], unique=False)
    op.create_index(
        op.f("ix_deliveries_tenant_id_state_delivery_id"),
        "deliveries",
        ["tenant_id", "state", "delivery_id"],
        unique=False,
    )
    op.create_table(
        "delivery_links",
        sa.Column("link_hash", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("delivery_id", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("link_hash", name=op.f("pk_delivery_links")),
    )
    op.create_index(op.f("ix_delivery_links_delivery_id"), "delivery_links", ["delivery_id"], unique=False)
    op.create_index(op.f("ix_delivery_links_expires_at"), "delivery_links", ["expires_at"], unique=False)
    op.create_table(
        "deposits",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("compartment_id", sa.Text(), server_default="", nullable=False),
        sa.Column("number", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("parcel_id", sa.Text(), server_default="", nullable=False),
        sa.Column("delivery_id", sa.Text(), server_default="", nullable=False),
        sa.Column("line_no", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_deposits_number_is_positive")),
        sa.PrimaryKeyConstraint("tenant_id", "compartment_id", "number", name=op.f("pk_deposits")),
        sa.UniqueConstraint("parcel_id", name=op.f("uq_deposits_parcel_id")),
    )
    op.create_index(op.f("ix_deposits_delivery_id"), "deposits", ["delivery_id"], unique=False)
    op.create_table(
        "device_positions",
        sa.Column("device_no", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("lat_e7", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("lon_e7", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("speed_cmps", sa.BigInteger(), nullable=True),
        sa.Column("course_deg", sa.BigInteger(), nullable=True),
        sa.Column("accuracy_m", sa.BigInteger(), nullable=True),
        sa.Column("battery_pct", sa.BigInteger(), nullable=True),
        sa.Column("moving", sa.BigInteger(), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("device_no", "at", "source", name=op.f("pk_device_positions")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "devices",
        sa.Column(
            "device_no", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("app", sa.Text(), server_default="", nullable=False),
        sa.Column("token_hash", sa.Text(), server_default="", nullable=False),
        sa.Column("vehicle_id", sa.Text(), server_default="", nullable=False),
        sa.Column("driver", sa.Text(), server_default="", nullable=False),
        sa.Column("route_id", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("device_no", name=op.f("pk_devices")),
        sa.UniqueConstraint("device_id", name=op.f("uq_devices_device_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_devices_token_hash")),
    )
    op.create_index(op.f("ix_devices_tenant_id_device_id"), "devices", ["tenant_id", "device_id"], unique=False)
    op.create_table(
        "last_positions",
        sa.Column(
            "device_no", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("lat_e7", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("lon_e7", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("speed_cmps", sa.BigInteger(), nullable=True),
        sa.Column("course_deg", sa.BigInteger(), nullable=True),
        sa.Column("accuracy_m", sa.BigInteger(), nullable=True),
        sa.Column("battery_pct", sa.BigInteger(), nullable=True),
        sa.Column("moving", sa.BigInteger(), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("doubts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("doubted_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("doubted_lat_e7", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("doubted_lon_e7", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("device_no", name=op.f("pk_last_positions")),
    )
    op.create_table(
        "position_cells",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("day_at", sa.BigInteger(), nullable=False),
        sa.Column("cell", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("positions", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "day_at", "cell", name=op.f("pk_position_cells")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "dispatch_limits",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("limits", sa.Text(), server_default="{}", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_dispatch_limits")),
    )
    op.create_table(
        "dispatch_proposals",
        sa.Column("proposal_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("site_id", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("delivery_id", sa.Text(), nullable=True),
        sa.Column("carrier_id", sa.Text(), server_default="", nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=True),
        sa.Column("cost_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("late_before", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("late_before_s", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("late_after", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("late_after_s", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("moved", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("shift_s", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("gain_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("changes", sa.Text(), server_default="{}", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("decided_by", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("proposal_id", name=op.f("pk_dispatch_proposals")),
    )
    op.create_index(op.f("ix_dispatch_proposals_created_at"), "dispatch_proposals", ["created_at"], unique=False)
    op.create_index(
        op.f("ix_dispatch_proposals_tenant_id_decided_at"),
        "dispatch_proposals",
        ["tenant_id", "decided_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_dispatch_proposals_tenant_id_state_proposal_id"),
        "dispatch_proposals",
        ["tenant_id", "state", "proposal_id"],
        unique=False,
    )
    op.create_table(
        "vehicle_outages",
        sa.Column("route_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("vehicle_id", sa.Text(), server_default="", nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("route_id", name=op.f("pk_vehicle_outages")),
    )
    op.create_index(
        op.f("ix_vehicle_outages_tenant_id_until_at"), "vehicle_outages", ["tenant_id", "until_at"], unique=False
    )
    op.create_table(
        "proofs",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("proof_id", sa.Text(), nullable=False),
        sa.Column("delivery_id", sa.Text(), server_default="", nullable=False),
        sa.Column("media_type", sa.Text(), server_default="", nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "proof_id", name=op.f("pk_proofs")),
    )
    op.create_index(op.f("ix_proofs_delivery_id"), "proofs", ["delivery_id"], unique=False)
    op.create_index(op.f("ix_proofs_created_at"), "proofs", ["created_at"], unique=False)
    op.create_table(
        "errands",
        sa.Column("errand_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), server_default="", nullable=False),
        sa.Column("sequence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("site_id", sa.Text(), server_default="", nullable=False),
        sa.Column("place", sa.Text(), server_default="", nullable=False),
        sa.Column("limit_minor", sa.BigInteger(), nullable=True),
        sa.Column("spent_minor", sa.BigInteger(), nullable=True),
        sa.Column("agent_id", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("errand_id", name=op.f("pk_errands")),
        sa.UniqueConstraint("order_id", "sequence", name=op.f("uq_errands_order_id_sequence")),
    )
    op.create_index(
        op.f("ix_errands_tenant_id_agent_id_state"), "errands", ["tenant_id", "agent_id", "state"], unique=False
    )
    op.create_table(
        "road_events",
        sa.Column("road_event_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("points", sa.Text(), server_default="{}", nullable=False),
        sa.Column("radius_m", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("slower_pct", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("road_event_id", name=op.f("pk_road_events")),
    )
    op.create_index(op.f("ix_road_events_tenant_id_ends_at"), "road_events", ["tenant_id", "ends_at"], unique=False)
    op.create_table(
        "driven_streets",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("day_at", sa.BigInteger(), nullable=False),
        sa.Column("streets", sa.Text(), server_default="", nullable=False),
        sa.Column("drives", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("observations", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("observed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "day_at", name=op.f("pk_driven_streets")),
    )
    op.create_table(
        "street_speeds",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("streets", sa.Text(), server_default="", nullable=False),
        sa.Column("learnt_at", sa.BigInteger(), nullable=False),
        sa.Column("drives", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("observations", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("learnt", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_street_speeds")),
    )
    op.create_table(
        "etas",
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("route_id", sa.Text(), server_default="", nullable=False),
        sa.Column("expected_at", sa.BigInteger(), nullable=False),
        sa.Column("from_at", sa.BigInteger(), nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_etas")),
    )
    op.create_index(op.f("ix_etas_route_id"), "etas", ["route_id"], unique=False)
    op.create_table(
        "paces",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("learnt", sa.Text(), server_default="{}", nullable=False),
        sa.Column("trips", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("learnt_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_paces")),
    )
    op.create_table(
        "watches",
        sa.Column("route_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("route_id", name=op.f("pk_watches")),
    )
    op.create_index(op.f("ix_watches_tenant_id"), "watches", ["tenant_id"], unique=False)
    op.create_table(
        "events",
        sa.Column("event_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Text(), server_default="", nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("object_id", sa.Text(), server_default="", nullable=False),
        sa.Column("sequence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.Text(), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("event_no", name=op.f("pk_events")),
    )
    op.create_table(
        "jobs",
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("dedup_key", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("run_at", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.Column("token", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("max_attempts", sa.BigInteger(), server_default="5", nullable=False),
        sa.Column("payload", sa.Text(), server_default="{}", nullable=False),
        sa.Column("checkpoint", sa.Text(), server_default="{}", nullable=False),
        sa.Column("result", sa.Text(), server_default="{}", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("parent_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("dedup_key", name=op.f("uq_jobs_dedup_key")),
    )
    op.create_index(op.f("ix_jobs_parent_id"), "jobs", ["parent_id"], unique=False)
    op.create_index(op.f("ix_jobs_state_run_at"), "jobs", ["state", "run_at"], unique=False)
    op.create_table(
        "drones",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("row_no", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("drone_id", sa.Text(), nullable=False),
        sa.Column("carrier_id", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("speed_kmh", sa.BigInteger(), nullable=False),
        sa.Column("range_m", sa.BigInteger(), nullable=False),
        sa.Column("reserve_pct", sa.BigInteger(), nullable=False),
        sa.Column("handover_s", sa.BigInteger(), nullable=False),
        sa.Column("turnaround_s", sa.BigInteger(), nullable=False),
        sa.Column("max_wind_kmh", sa.BigInteger(), nullable=True),
        sa.Column("max_gust_kmh", sa.BigInteger(), nullable=True),
        sa.Column("max_rain_mm_h", sa.BigInteger(), nullable=True),
        sa.Column("min_visibility_m", sa.BigInteger(), nullable=False),
        sa.Column("min_temperature_c", sa.BigInteger(), nullable=True),
        sa.Column("max_temperature_c", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "row_no", name=op.f("pk_drones")),
        sa.UniqueConstraint("tenant_id", "drone_id", name=op.f("uq_drones_tenant_id_drone_id")),
    )
    op.create_table(
        "weather",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("row_no", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("weather_id", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Text(), nullable=False),
        sa.Column("from_at", sa.BigInteger(), nullable=False),
        sa.Column("wind_kmh", sa.BigInteger(), nullable=False),
        sa.Column("wind_from_deg", sa.BigInteger(), nullable=False),
        sa.Column("gust_kmh", sa.BigInteger(), nullable=False),
        sa.Column("rain_mm_h", sa.BigInteger(), nullable=False),
        sa.Column("visibility_m", sa.BigInteger(), nullable=False),
        sa.Column("temperature_c", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "row_no", name=op.f("pk_weather")),
        sa.UniqueConstraint("tenant_id", "weather_id", name=op.f("uq_weather_tenant_id_weather_id")),
    )
    op.create_table(
        "extras",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("row_no", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("extra_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("service_s", sa.BigInteger(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("requirements", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "row_no", name=op.f("pk_extras")),
        sa.UniqueConstraint("tenant_id", "extra_id", name=op.f("uq_extras_tenant_id_extra_id")),
    )
    op.create_table(
        "journal_head",
        sa.Column("head_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("audit_no", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("hash", sa.Text(), server_default="", nullable=False),
        sa.Column("event_no", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("head_id", name=op.f("pk_journal_head")),
    )
    op.create_table(
        "closed_days",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("row_no", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("closed_day_id", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "row_no", name=op.f("pk_closed_days")),
        sa.UniqueConstraint("tenant_id", "closed_day_id", name=op.f("uq_closed_days_tenant_id_closed_day_id")),
    )
    op.create_table(
        "lanes",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("row_no", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("from_site_id", sa.Text(), nullable=False),
        sa.Column("to_site_id", sa.Text(), nullable=False),
        sa.Column("departs", sa.Text(), nullable=False),
        sa.Column("duration_s", sa.BigInteger(), nullable=False),
        sa.Column("parcel_cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("capacity_parcels", sa.BigInteger(), nullable=True),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("weekdays", sa.Text(), nullable=False),
        sa.Column("kg_cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("capacity_g", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "row_no", name=op.f("pk_lanes")),
        sa.UniqueConstraint(
            "tenant_id", "from_site_id", "to_site_id", name=op.f("uq_lanes_tenant_id_from_site_id_to_site_id")
        ),
    )
    op.create_table(
        "ledger_entries",
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("position_id", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("on_hand_delta", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("reserved_delta", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("safety_delta", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("reference", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_ledger_entries")),
    )
    op.create_table(
        "money_entries",
        sa.Column("entry_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), server_default="", nullable=False),
        sa.Column("posting_no", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("line_no", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("account", sa.Text(), server_default="", nullable=False),
        sa.Column("party_id", sa.Text(), server_default="", nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("currency", sa.Text(), server_default="", nullable=False),
        sa.Column("order_id", sa.Text(), server_default="", nullable=False),
        sa.Column("delivery_id", sa.Text(), server_default="", nullable=False),
        sa.Column("zone", sa.Text(), server_default="", nullable=False),
        sa.Column("mode", sa.Text(), server_default="", nullable=False),
        sa.Column("carrier_id", sa.Text(), server_default="", nullable=False),
        sa.Column("day", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("posted_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_money_entries")),
        sa.UniqueConstraint(
            "tenant_id",
            "subject_id",
            "posting_no",
            "line_no",
            name=op.f("uq_money_entries_tenant_id_subject_id_posting_no_line_no"),
        ),
    )
    op.create_index(
        op.f("ix_money_entries_tenant_id_account_party_id"),
        "money_entries",
        ["tenant_id", "account", "party_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_money_entries_tenant_id_order_id"), "money_entries", ["tenant_id", "order_id"], unique=False
    )
    op.create_index(op.f("ix_money_entries_tenant_id_day"), "money_entries", ["tenant_id", "day"], unique=False)
    op.create_table(
        "membership_plans",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("row_no", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("period_days", sa.BigInteger(), nullable=False),
        sa.Column("trial_days", sa.BigInteger(), nullable=False),
        sa.Column("free_over_minor", sa.BigInteger(), nullable=True),
        sa.Column("percent_bp", sa.BigInteger(), nullable=False),
        sa.Column("service_levels", sa.Text(), nullable=False),
        sa.Column("members_only", sa.Text(), nullable=False),
        sa.Column("slot_priority", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "row_no", name=op.f("pk_membership_plans")),
        sa.UniqueConstraint("tenant_id", "plan_id", name=op.f("uq_membership_plans_tenant_id_plan_id")),
    )
    op.create_table(
        "memberships",
        sa.Column("membership_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), server_default="", nullable=False),
        sa.Column("plan_id", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("membership_id", name=op.f("pk_memberships")),
    )
    op.create_index(op.f("ix_memberships_state_ends_at"), "memberships", ["state", "ends_at"], unique=False)
    op.create_index(
        op.f("ix_memberships_tenant_id_customer_id"), "memberships", ["tenant_id", "customer_id"], unique=False
    )
    op.create_index(
        "one_membership_of_a_customer",
        "memberships",
        ["tenant_id", "customer_id"],
        unique=True,
        sqlite_where=sa.text("state != 'cancelled'"),
        postgresql_where=sa.text("state != 'cancelled'"),
    )
    op.create_table(
        "network_studies",
        sa.Column("study_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("asked", sa.Text(), server_default="{}", nullable=False),
        sa.Column("figures", sa.Text(), server_default="{}", nullable=False),
        sa.Column("changes", sa.Text(), server_default="{}", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("job_id", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("study_id", name=op.f("pk_network_studies")),
    )
    op.create_index(
        op.f("ix_network_studies_tenant_id_study_id"), "network_studies", ["tenant_id", "study_id"], unique=False
    )
    op.create_table(
        "notices",
        sa.Column("notice_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), server_default="", nullable=False),
        sa.Column("topic", sa.Text(), server_default="", nullable=False),
        sa.Column("order_id", sa.Text(), server_default="", nullable=False),
        sa.Column("delivery_id", sa.Text(), server_default="", nullable=False),
        sa.Column("contact_id", sa.Text(), server_default="", nullable=False),
        sa.Column("channel", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("facts", sa.Text(), server_default="{}", nullable=False),
        sa.Column("time_zone", sa.Text(), server_default="", nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("reference", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_notices")),
        sa.UniqueConstraint("tenant_id", "event_id", name=op.f("uq_notices_tenant_id_event_id")),
    )
    op.create_index(op.f("ix_notices_created_at"), "notices", ["created_at"], unique=False)
    op.create_index(op.f("ix_notices_order_id"), "notices", ["order_id"], unique=False)
    op.create_index(op.f("ix_notices_state_next_at"), "notices", ["state", "next_at"], unique=False)
    op.create_table(
        "notice_rules",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), server_default="{}", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_notice_rules")),
    )
    op.create_table(
        "notice_links",
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("contact_id", name=op.f("pk_notice_links")),
        sa.UniqueConstraint("token", name=op.f("uq_notice_links_token")),
    )
    op.create_table(
        "opt_outs",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), server_default="", nullable=False),
        sa.Column("address_hash", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "channel", "address_hash", name=op.f("pk_opt_outs")),
    )
    op.create_table(
        "order_lines",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("line_no", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Text(), server_default="", nullable=False),
        sa.Column("quantity", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("price_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("margin_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("order_id", "line_no", name=op.f("pk_order_lines")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "orders",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("event_at", sa.BigInteger(), nullable=True),
        sa.Column("placed_at", sa.BigInteger(), nullable=False),
        sa.Column("lat", sa.Float(precision=53), nullable=False),
        sa.Column("lon", sa.Float(precision=53), nullable=False),
        sa.Column("postal_code", sa.Text(), server_default="", nullable=False),
        sa.Column("service_level_id", sa.Text(), server_default="", nullable=False),
        sa.Column("pickup_site_id", sa.Text(), server_default="", nullable=False),
        sa.Column("requirements", sa.Text(), server_default="", nullable=False),
        sa.Column("extras", sa.Text(), server_default="", nullable=False),
        sa.Column("service_s", sa.BigInteger(), nullable=True),
        sa.Column("landing_site", sa.Boolean(), nullable=False),
        sa.Column("window_start_at", sa.BigInteger(), nullable=False),
        sa.Column("window_end_at", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("payment", sa.Text(), server_default="", nullable=False),
        sa.Column("if_short", sa.Text(), server_default="", nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=True),
        sa.Column("hold_id", sa.Text(), nullable=True),
        sa.Column("subscription_id", sa.Text(), nullable=True),
        sa.Column("member_id", sa.Text(), nullable=True),
        sa.Column("membership", sa.Text(), server_default="", nullable=False),
        sa.Column("neighbour_ok", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("membership_discount_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("promised_sites", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("promised_ready_at", sa.BigInteger(), nullable=True),
        sa.Column("fingerprint", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_orders")),
        sa.UniqueConstraint("tenant_id", "external_id", name=op.f("uq_orders_tenant_id_external_id")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_orders_contact_id"),
        "orders",
        ["contact_id"],
        unique=False,
        sqlite_where=sa.text("contact_id IS NOT NULL"),
        postgresql_where=sa.text("contact_id IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_orders_placed_at"),
        "orders",
        ["placed_at"],
        unique=False,
        sqlite_where=sa.text("state = 'draft'"),
        postgresql_where=sa.text("state = 'draft'"),
    )
    op.create_index(op.f("ix_orders_tenant_id_code"), "orders", ["tenant_id", "code"], unique=False)
    op.create_index(op.f("ix_orders_tenant_id_placed_at"), "orders", ["tenant_id", "placed_at"], unique=False)
    op.create_index(
        op.f("ix_orders_tenant_id_state_order_id"), "orders", ["tenant_id", "state", "order_id"], unique=False
    )
    op.create_table(
        "parcel_lines",
        sa.Column("parcel_id", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Text(), server_default="", nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("parcel_id", "product_id", name=op.f("pk_parcel_lines")),
    )
    op.create_table(
        "parcels",
        sa.Column("parcel_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("shipment_id", sa.Text(), server_default="", nullable=False),
        sa.Column("order_id", sa.Text(), server_default="", nullable=False),
        sa.Column("site_id", sa.Text(), server_default="", nullable=False),
        sa.Column("carton_id", sa.Text(), server_default="", nullable=False),
        sa.Column("weight_g", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("volume_ml", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("longest_side_mm", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("requirements", sa.Text(), server_default="", nullable=False),
        sa.Column("carton_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("sscc", sa.Text(), nullable=True),
        sa.Column("holder", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("parcel_id", name=op.f("pk_parcels")),
        sa.UniqueConstraint("tenant_id", "sscc", name=op.f("uq_parcels_tenant_id_sscc")),
    )
    op.create_index(op.f("ix_parcels_order_id"), "parcels", ["order_id"], unique=False)
    op.create_index(op.f("ix_parcels_shipment_id"), "parcels", ["shipment_id"], unique=False)
    op.create_table(
        "people",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("role", sa.Text(), server_default="", nullable=False),
        sa.Column("sites", sa.Text(), server_default="{}", nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("issuer", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_people")),
        sa.UniqueConstraint("tenant_id", "email", name=op.f("uq_people_tenant_id_email")),
        sa.UniqueConstraint("tenant_id", "issuer", "subject", name=op.f("uq_people_tenant_id_issuer_subject")),
    )
    op.create_table(
        "policy",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("row_no", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("circuity_pct", sa.BigInteger(), nullable=False),
        sa.Column("near_speed_kmh", sa.BigInteger(), nullable=False),
        sa.Column("far_speed_kmh", sa.BigInteger(), nullable=False),
        sa.Column("near_distance_m", sa.BigInteger(), nullable=False),
        sa.Column("door_service_s", sa.BigInteger(), nullable=False),
        sa.Column("carton_fill_pct", sa.BigInteger(), nullable=False),
        sa.Column("failed_delivery_cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("own_failure_bp", sa.BigInteger(), nullable=False),
        sa.Column("unserved_cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("refusal_cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("late_cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("out_of_region_cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("slots_for_members_pct", sa.BigInteger(), nullable=False),
        sa.Column("gs1_company_prefix", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "row_no", name=op.f("pk_policy")),
    )
    op.create_table(
        "positions",
        sa.Column(
            "position_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("site_id", sa.Text(), server_default="", nullable=False),
        sa.Column("item", sa.Text(), server_default="", nullable=False),
        sa.Column("on_hand", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("reserved", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("safety", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("safety >= 0", name=op.f("ck_positions_safety_is_not_negative")),
        sa.CheckConstraint("reserved <= on_hand", name=op.f("ck_positions_reserved_is_there")),
        sa.CheckConstraint("reserved >= 0", name=op.f("ck_positions_reserved_is_not_negative")),
        sa.PrimaryKeyConstraint("position_id", name=op.f("pk_positions")),
        sa.UniqueConstraint(
            "tenant_id", "kind", "site_id", "item", name=op.f("uq_positions_tenant_id_kind_site_id_item")
        ),
    )
    op.create_index(op.f("ix_positions_tenant_id_kind_item"), "positions", ["tenant_id", "kind", "item"], unique=False)
    op.create_table(
        "price_rules",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("row_no", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("rule_id", sa.Text(), nullable=False),
        sa.Column("service_level_id", sa.Text(), nullable=False),
        sa.Column("postal_prefix", sa.Text(), nullable=False),
        sa.Column("basket_from_minor", sa.BigInteger(), nullable=False),
        sa.Column("basket_below_minor", sa.BigInteger(), nullable=True),
        sa.Column("membership", sa.Text(), nullable=False),
        sa.Column("slot_load_from_pct", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=True),
        sa.Column("percent_bp", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("priority", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "row_no", name=op.f("pk_price_rules")),
        sa.UniqueConstraint("tenant_id", "rule_id", name=op.f("uq_price_rules_tenant_id_rule_id")),
    )
    op.create_table(
        "products",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("row_no", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("length_mm", sa.BigInteger(), nullable=False),
        sa.Column("width_mm", sa.BigInteger(), nullable=False),
        sa.Column("height_mm", sa.BigInteger(), nullable=False),
        sa.Column("weight_g", sa.BigInteger(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("margin_minor", sa.BigInteger(), nullable=False),
        sa.Column("flags", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "row_no", name=op.f("pk_products")),
        sa.UniqueConstraint("tenant_id", "product_id", name=op.f("uq_products_tenant_id_product_id")),
    )
    op.create_table(
        "receipts",
        sa.Column("receipt_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("site_id", sa.Text(), server_default="", nullable=False),
        sa.Column("product_id", sa.Text(), server_default="", nullable=False),
        sa.Column("units", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("received_units", sa.BigInteger(), nullable=True),
        sa.Column("expected_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("receipt_id", name=op.f("pk_receipts")),
        sa.UniqueConstraint("tenant_id", "external_id", name=op.f("uq_receipts_tenant_id_external_id")),
    )
    op.create_index(
        op.f("ix_receipts_tenant_id_product_id_state"), "receipts", ["tenant_id", "product_id", "state"], unique=False
    )
    op.create_index(op.f("ix_receipts_state_expected_at"), "receipts", ["state", "expected_at"], unique=False)
    op.create_table(
        "refunds",
        sa.Column("refund_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), server_default="", nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("refund_id", name=op.f("pk_refunds")),
    )
    op.create_index(op.f("ix_refunds_order_id"), "refunds", ["order_id"], unique=False)
    op.create_table(
        "relays",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("event_no", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_relays")),
    )
    op.create_table(
        "remarks",
        sa.Column("remark_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("delivery_id", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("stars", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("remark_id", name=op.f("pk_remarks")),
    )
    op.create_index(op.f("ix_remarks_at"), "remarks", ["at"], unique=False)
    op.create_index(op.f("ix_remarks_delivery_id"), "remarks", ["delivery_id"], unique=False)
    op.create_table(
        "replies",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("request_key", sa.Text(), server_default="", nullable=False),
        sa.Column("fingerprint", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("body", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "request_key", name=op.f("pk_replies")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_replies_created_at"), "replies", ["created_at"], unique=False)
    op.create_table(
        "reservations",
        sa.Column("holder_id", sa.Text(), server_default="", nullable=False),
        sa.Column("line_no", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("position_id", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("taken_by", sa.Text(), server_default="", nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_reservations_quantity_is_positive")),
        sa.PrimaryKeyConstraint("holder_id", "line_no", "position_id", "taken_by", name=op.f("pk_reservations")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_reservations_expires_at"),
        "reservations",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("expires_at IS NOT NULL"),
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    op.create_table(
        "returns",
        sa.Column("return_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("method", sa.Text(), server_default="", nullable=False),
        sa.Column("site_id", sa.Text(), server_default="", nullable=False),
        sa.Column("lines", sa.Text(), server_default="{}", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("return_id", name=op.f("pk_returns")),
    )
    op.create_index(op.f("ix_returns_order_id"), "returns", ["order_id"], unique=False)
    op.create_table(
        "routes",
        sa.Column("route_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Text(), server_default="", nullable=False),
        sa.Column("vehicle_id", sa.Text(), server_default="", nullable=False),
        sa.Column("driver", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("event_at", sa.BigInteger(), nullable=True),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("distance_m", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("stops", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("parcels", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("trips", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("cost_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("driver_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("route_id", name=op.f("pk_routes")),
    )
    op.create_index(op.f("ix_routes_tenant_id_starts_at"), "routes", ["tenant_id", "starts_at"], unique=False)
    op.create_index(
        op.f("ix_routes_tenant_id_state_route_id"), "routes", ["tenant_id", "state", "route_id"], unique=False
    )
    op.create_table(
        "service_levels",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("row_no", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("service_level_id", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("cutoff", sa.Text(), nullable=False),
        sa.Column("promise_days", sa.BigInteger(), nullable=False),
        sa.Column("window_starts", sa.Text(), nullable=False),
        sa.Column("window_ends", sa.Text(), nullable=False),
        sa.Column("early_allowed", sa.Boolean(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("requirements", sa.Text(), nullable=False),
        sa.Column("service_s", sa.BigInteger(), nullable=True),
        sa.Column("within_minutes", sa.BigInteger(), nullable=True),
        sa.Column("keep_hours", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "row_no", name=op.f("pk_service_levels")),
        sa.UniqueConstraint("tenant_id", "service_level_id", name=op.f("uq_service_levels_tenant_id_service_level_id")),
    )
    op.create_table(
        "sessions",
        sa.Column("session_hash", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), server_default="", nullable=False),
        sa.Column("csrf_hash", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("session_hash", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_expires_at"), "sessions", ["expires_at"], unique=False)
    op.create_table(
        "shipments",
        sa.Column("shipment_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), server_default="", nullable=False),
        sa.Column("site_id", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("delivery_id", sa.Text(), nullable=True),
        sa.Column("ready_at", sa.BigInteger(), nullable=True),
        sa.Column("lane_departs_at", sa.BigInteger(), nullable=True),
        sa.Column("lane_arrives_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("shipment_id", name=op.f("pk_shipments")),
    )
    op.create_index(op.f("ix_shipments_delivery_id"), "shipments", ["delivery_id"], unique=False)
    op.create_index(op.f("ix_shipments_order_id"), "shipments", ["order_id"], unique=False)
    op.create_index(
        op.f("ix_shipments_tenant_id_lane_departs_at"),
        "shipments",
        ["tenant_id", "lane_departs_at"],
        unique=False,
        sqlite_where=sa.text("lane_departs_at IS NOT NULL"),
        postgresql_where=sa.text("lane_departs_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_shipments_tenant_id_state"), "shipments", ["tenant_id", "state"], unique=False)
    op.create_index(
        op.f("ix_shipments_tenant_id_site_id_state"), "shipments", ["tenant_id", "site_id", "state"], unique=False
    )
    op.create_index(
        "one_shipment_is_prepared",
        "shipments",
        ["order_id", "site_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('planned', 'picking', 'packed', 'staged')"),
        postgresql_where=sa.text("state IN ('planned', 'picking', 'packed', 'staged')"),
    )
    op.create_table(
        "sites",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("row_no", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("site_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("lat", sa.Float(precision=53), nullable=False),
        sa.Column("lon", sa.Float(precision=53), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("opens", sa.Text(), nullable=False),
        sa.Column("closes", sa.Text(), nullable=False),
        sa.Column("order_cutoff", sa.Text(), nullable=False),
        sa.Column("preparation_s", sa.BigInteger(), nullable=False),
        sa.Column("pick_lines_per_day", sa.BigInteger(), nullable=True),
        sa.Column("package_cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("line_cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("unit_cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("staging_cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("cross_dock_cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("cross_dock_s", sa.BigInteger(), nullable=False),
        sa.Column("loading_s", sa.BigInteger(), nullable=False),
        sa.Column("skills", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("curbside_bays", sa.BigInteger(), nullable=False),
        sa.Column("stock_litres", sa.BigInteger(), nullable=True),
        sa.Column("next_day_cutoff", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "row_no", name=op.f("pk_sites")),
        sa.UniqueConstraint("tenant_id", "site_id", name=op.f("uq_sites_tenant_id_site_id")),
    )
    op.create_table(
        "slot_holds",
        sa.Column("hold_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("slot_id", sa.Text(), server_default="", nullable=False),
        sa.Column("work", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("order_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("hold_id", name=op.f("pk_slot_holds")),
    )
    op.create_index(op.f("ix_slot_holds_state_expires_at"), "slot_holds", ["state", "expires_at"], unique=False)
    op.create_table(
        "slots",
        sa.Column("slot_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), server_default="", nullable=False),
        sa.Column("site_id", sa.Text(), server_default="", nullable=False),
        sa.Column("service_level_id", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("cutoff_at", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.Text(), server_default="orders", nullable=False),
        sa.Column("capacity", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("slot_id", name=op.f("pk_slots")),
        sa.UniqueConstraint(
            "tenant_id",
            "zone",
            "service_level_id",
            "starts_at",
            name=op.f("uq_slots_tenant_id_zone_service_level_id_starts_at"),
        ),
    )
    op.create_index(op.f("ix_slots_tenant_id_starts_at"), "slots", ["tenant_id", "starts_at"], unique=False)
    op.create_table(
        "sscc_serials",
        sa.Column("serial", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("parcel_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_sscc_serials")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "exceptions",
        sa.Column("exception_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("site_id", sa.Text(), server_default="", nullable=False),
        sa.Column("sscc", sa.Text(), server_default="", nullable=False),
        sa.Column("parcel_id", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("source_event_id", sa.Text(), server_default="", nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("exception_id", name=op.f("pk_exceptions")),
        sa.UniqueConstraint(
            "tenant_id",
            "source",
            "source_event_id",
            "code",
            name=op.f("uq_exceptions_tenant_id_source_source_event_id_code"),
        ),
    )
    op.create_index(op.f("ix_exceptions_parcel_id"), "exceptions", ["parcel_id"], unique=False)
    op.create_index(
        op.f("ix_exceptions_tenant_id_site_id_state"),
        "exceptions",
        ["tenant_id", "site_id", "state"],
        unique=False,
    )
    op.create_table(
        "station_units",
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("parcel_id", sa.Text(), server_default="", nullable=False),
        sa.Column("site_id", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("event_at", sa.BigInteger(), nullable=True),
        sa.Column("place", sa.Text(), server_default="", nullable=False),
        sa.Column("departs_at", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("unit_id", name=op.f("pk_station_units")),
        sa.UniqueConstraint("parcel_id", "site_id", name=op.f("uq_station_units_parcel_id_site_id")),
    )
    op.create_index(op.f("ix_station_units_state_due_at"), "station_units", ["state", "due_at"], unique=False)
    op.create_index(
        op.f("ix_station_units_tenant_id_site_id_state"),
        "station_units",
        ["tenant_id", "site_id", "state"],
        unique=False,
    )
    op.create_table(
        "plan_tables",
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("rows", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("plan_id", "name", name=op.f("pk_plan_tables")),
    )
    op.create_table(
        "sales",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("day", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("zone_id", sa.Text(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("units", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=True),
        sa.Column("promotion", sa.Float(precision=53), nullable=False),
        sa.Column("display", sa.Float(precision=53), nullable=False),
        sa.Column("in_stock_share", sa.Float(precision=53), nullable=False),
        sa.CheckConstraint("units >= 0", name=op.f("ck_sales_units_are_not_negative")),
        sa.PrimaryKeyConstraint("tenant_id", "day", "product_id", "zone_id", name=op.f("pk_sales")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "stock_plans",
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("asked", sa.Text(), server_default="{}", nullable=False),
        sa.Column("figures", sa.Text(), server_default="{}", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("job_id", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("plan_id", name=op.f("pk_stock_plans")),
    )
    op.create_index(op.f("ix_stock_plans_tenant_id_plan_id"), "stock_plans", ["tenant_id", "plan_id"], unique=False)
    op.create_table(
        "stock_proposals",
        sa.Column("proposal_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("action", sa.Text(), server_default="", nullable=False),
        sa.Column("product_id", sa.Text(), server_default="", nullable=False),
        sa.Column("site_id", sa.Text(), server_default="", nullable=False),
        sa.Column("from_site_id", sa.Text(), server_default="", nullable=False),
        sa.Column("units", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("value_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("deadline_at", sa.BigInteger(), nullable=False),
        sa.Column("arrives_at", sa.BigInteger(), nullable=False),
        sa.Column("receipt_id", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("proposal_id", name=op.f("pk_stock_proposals")),
    )
    op.create_index(
        op.f("ix_stock_proposals_state_deadline_at"), "stock_proposals", ["state", "deadline_at"], unique=False
    )
    op.create_index(
        op.f("ix_stock_proposals_tenant_id_state_proposal_id"),
        "stock_proposals",
        ["tenant_id", "state", "proposal_id"],
        unique=False,
    )
    op.create_table(
        "stops",
        sa.Column("route_id", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("delivery_id", sa.Text(), server_default="", nullable=False),
        sa.Column("lat", sa.Float(precision=53), nullable=False),
        sa.Column("lon", sa.Float(precision=53), nullable=False),
        sa.Column("arrive_at", sa.BigInteger(), nullable=False),
        sa.Column("service_at", sa.BigInteger(), nullable=False),
        sa.Column("leave_at", sa.BigInteger(), nullable=False),
        sa.Column("distance_m", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("route_id", "sequence", name=op.f("pk_stops")),
    )
    op.create_table(
        "subscriptions",
        sa.Column("subscription_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("rule", sa.Text(), server_default="", nullable=False),
        sa.Column("time_zone", sa.Text(), server_default="", nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("on_closed_day", sa.Text(), nullable=False),
        sa.Column("occurrence_at", sa.BigInteger(), nullable=True),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("template", sa.Text(), server_default="{}", nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=True),
        sa.Column("skips", sa.Text(), server_default="{}", nullable=False),
        sa.Column("swaps", sa.Text(), server_default="{}", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subscription_id", name=op.f("pk_subscriptions")),
    )
    op.create_index(op.f("ix_subscriptions_state_next_at"), "subscriptions", ["state", "next_at"], unique=False)
    op.create_table(
        "tenants",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("reference_version", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("offer_secret", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_tenants")),
    )
    op.create_table(
        "tracking_events",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("source_event_id", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("object_id", sa.Text(), server_default="", nullable=False),
        sa.Column("event", sa.Text(), server_default="", nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("details", sa.Text(), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "source", "source_event_id", name=op.f("pk_tracking_events")),
    )
    op.create_index(
        op.f("ix_tracking_events_object_id_occurred_at"), "tracking_events", ["object_id", "occurred_at"], unique=False
    )
    op.create_index(op.f("ix_tracking_events_recorded_at"), "tracking_events", ["recorded_at"], unique=False)
    op.create_table(
        "vehicles",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("row_no", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("vehicle_id", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Text(), nullable=False),
        sa.Column("vehicle_type", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("shift_starts", sa.Text(), nullable=False),
        sa.Column("shift_ends", sa.Text(), nullable=False),
        sa.Column("max_weight_g", sa.BigInteger(), nullable=False),
        sa.Column("max_volume_ml", sa.BigInteger(), nullable=False),
        sa.Column("max_parcels", sa.BigInteger(), nullable=True),
        sa.Column("max_distance_m", sa.BigInteger(), nullable=True),
        sa.Column("max_reloads", sa.BigInteger(), nullable=False),
        sa.Column("fixed_cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("cost_per_km_minor", sa.BigInteger(), nullable=False),
        sa.Column("cost_per_hour_minor", sa.BigInteger(), nullable=False),
        sa.Column("skills", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "row_no", name=op.f("pk_vehicles")),
        sa.UniqueConstraint("tenant_id", "vehicle_id", name=op.f("uq_vehicles_tenant_id_vehicle_id")),
    )
    op.create_table(
        "webhook_endpoints",
        sa.Column("endpoint_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), server_default="", nullable=False),
        sa.Column("types", sa.Text(), server_default="", nullable=False),
        sa.Column("secrets", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("failures", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("disabled_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("endpoint_id", name=op.f("pk_webhook_endpoints")),
    )
    op.create_index(
        op.f("ix_webhook_endpoints_tenant_id_endpoint_id"),
        "webhook_endpoints",
        ["tenant_id", "endpoint_id"],
        unique=False,
    )
    op.create_table(
        "webhook_messages",
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("endpoint_id", sa.Text(), server_default="", nullable=False),
        sa.Column("event_no", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("last_status", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_webhook_messages")),
    )
    op.create_index(
        op.f("ix_webhook_messages_endpoint_id_message_id"),
        "webhook_messages",
        ["endpoint_id", "message_id"],
        unique=False,
    )
    op.create_index(op.f("ix_webhook_messages_state_next_at"), "webhook_messages", ["state", "next_at"], unique=False)
    op.execute("INSERT INTO journal_head (head_id, audit_no, hash, event_no) VALUES (1, 0, '%s', 0)" % ("0" * 64))


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_index(op.f("ix_webhook_messages_state_next_at"), table_name="webhook_messages")
    op.drop_index(op.f("ix_webhook_messages_endpoint_id_message_id"), table_name="webhook_messages")
    op.drop_table("webhook_messages")
    op.drop_index(op.f("ix_webhook_endpoints_tenant_id_endpoint_id"), table_name="webhook_endpoints")
    op.drop_table("webhook_endpoints")
    op.drop_table("vehicles")
    op.drop_index(op.f("ix_tracking_events_recorded_at"), table_name="tracking_events")
    op.drop_index(op.f("ix_tracking_events_object_id_occurred_at"), table_name="tracking_events")
    op.drop_table("tracking_events")
    op.drop_table("tenants")
    op.drop_index(op.f("ix_subscriptions_state_next_at"), table_name="subscriptions")
    op.drop_table("subscriptions")
    op.drop_table("stops")
    op.drop_index(op.f("ix_stock_proposals_tenant_id_state_proposal_id"), table_name="stock_proposals")
    op.drop_index(op.f("ix_stock_proposals_state_deadline_at"), table_name="stock_proposals")
    op.drop_table("stock_proposals")
    op.drop_index(op.f("ix_stock_plans_tenant_id_plan_id"), table_name="stock_plans")
    op.drop_table("stock_plans")
    op.drop_table("sales")
    op.drop_table("plan_tables")
    op.drop_index(op.f("ix_exceptions_tenant_id_site_id_state"), table_name="exceptions")
    op.drop_index(op.f("ix_exceptions_parcel_id"), table_name="exceptions")
    op.drop_table("exceptions")
    op.drop_table("sscc_serials")
    op.drop_index(op.f("ix_station_units_tenant_id_site_id_state"), table_name="station_units")
    op.drop_index(op.f("ix_station_units_state_due_at"), table_name="station_units")
    op.drop_table("station_units")
    op.drop_index(op.f("ix_slots_tenant_id_starts_at"), table_name="slots")
    op.drop_table("slots")
    op.drop_index(op.f("ix_slot_holds_state_expires_at"), table_name="slot_holds")
    op.drop_table("slot_holds")
    op.drop_table("sites")
    op.drop_index(
        "one_shipment_is_prepared",
        table_name="shipments",
        sqlite_where=sa.text("state IN ('planned', 'picking', 'packed', 'staged')"),
        postgresql_where=sa.text("state IN ('planned', 'picking', 'packed', 'staged')"),
    )
    op.drop_index(op.f("ix_shipments_tenant_id_site_id_state"), table_name="shipments")
    op.drop_index(op.f("ix_shipments_tenant_id_state"), table_name="shipments")
    op.drop_index(
        op.f("ix_shipments_tenant_id_lane_departs_at"),
        table_name="shipments",
        sqlite_where=sa.text("lane_departs_at IS NOT NULL"),
        postgresql_where=sa.text("lane_departs_at IS NOT NULL"),
    )
    op.drop_index(op.f("ix_shipments_order_id"), table_name="shipments")
    op.drop_index(op.f("ix_shipments_delivery_id"), table_name="shipments")
    op.drop_table("shipments")
    op.drop_index(op.f("ix_sessions_expires_at"), table_name="sessions")
    op.drop_table("sessions")
    op.drop_table("service_levels")
    op.drop_index(op.f("ix_routes_tenant_id_state_route_id"), table_name="routes")
    op.drop_index(op.f("ix_routes_tenant_id_starts_at"), table_name="routes")
    op.drop_table("routes")
    op.drop_index(op.f("ix_returns_order_id"), table_name="returns")
    op.drop_table("returns")
    op.drop_index(
        op.f("ix_reservations_expires_at"),
        table_name="reservations",
        sqlite_where=sa.text("expires_at IS NOT NULL"),
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    op.drop_table("reservations")
    op.drop_index(op.f("ix_replies_created_at"), table_name="replies")
    op.drop_table("replies")
    op.drop_index(op.f("ix_remarks_delivery_id"), table_name="remarks")
    op.drop_index(op.f("ix_remarks_at"), table_name="remarks")
    op.drop_table("remarks")
    op.drop_table("relays")
    op.drop_index(op.f("ix_refunds_order_id"), table_name="refunds")
    op.drop_table("refunds")
    op.drop_index(op.f("ix_receipts_state_expected_at"), table_name="receipts")
    op.drop_index(op.f("ix_receipts_tenant_id_product_id_state"), table_name="receipts")
    op.drop_table("receipts")
    op.drop_table("products")
    op.drop_table("price_rules")
    op.drop_index(op.f("ix_positions_tenant_id_kind_item"), table_name="positions")
    op.drop_table("positions")
    op.drop_table("policy")
    op.drop_table("people")
    op.drop_index(op.f("ix_parcels_shipment_id"), table_name="parcels")
    op.drop_index(op.f("ix_parcels_order_id"), table_name="parcels")
    op.drop_table("parcels")
    op.drop_table("parcel_lines")
    op.drop_index(op.f("ix_orders_tenant_id_state_order_id"), table_name="orders")
    op.drop_index(op.f("ix_orders_tenant_id_placed_at"), table_name="orders")
    op.drop_index(op.f("ix_orders_tenant_id_code"), table_name="orders")
    op.drop_index(
        op.f("ix_orders_placed_at"),
        table_name="orders",
        sqlite_where=sa.text("state = 'draft'"),
        postgresql_where=sa.text("state = 'draft'"),
    )
    op.drop_index(
        op.f("ix_orders_contact_id"),
        table_name="orders",
        sqlite_where=sa.text("contact_id IS NOT NULL"),
        postgresql_where=sa.text("contact_id IS NOT NULL"),
    )
    op.drop_table("orders")
    op.drop_table("order_lines")
    op.drop_table("opt_outs")
    op.drop_table("notice_links")
    op.drop_table("notice_rules")
    op.drop_index(op.f("ix_notices_created_at"), table_name="notices")
    op.drop_index(op.f("ix_notices_order_id"), table_name="notices")
    op.drop_index(op.f("ix_notices_state_next_at"), table_name="notices")
    op.drop_table("notices")
    op.drop_index(op.f("ix_network_studies_tenant_id_study_id"), table_name="network_studies")
    op.drop_table("network_studies")
    op.drop_index(op.f("ix_money_entries_tenant_id_account_party_id"), table_name="money_entries")
    op.drop_index(op.f("ix_money_entries_tenant_id_order_id"), table_name="money_entries")
    op.drop_index(op.f("ix_money_entries_tenant_id_day"), table_name="money_entries")
    op.drop_table("money_entries")
    op.drop_index(
        "one_membership_of_a_customer",
        table_name="memberships",
        sqlite_where=sa.text("state != 'cancelled'"),
        postgresql_where=sa.text("state != 'cancelled'"),
    )
    op.drop_index(op.f("ix_memberships_tenant_id_customer_id"), table_name="memberships")
    op.drop_index(op.f("ix_memberships_state_ends_at"), table_name="memberships")
    op.drop_table("memberships")
    op.drop_table("membership_plans")
    op.drop_table("ledger_entries")
    op.drop_table("lanes")
    op.drop_table("closed_days")
    op.drop_table("journal_head")
    op.drop_table("extras")
    op.drop_table("weather")
    op.drop_table("drones")
    op.drop_index(op.f("ix_jobs_state_run_at"), table_name="jobs")
    op.drop_index(op.f("ix_jobs_parent_id"), table_name="jobs")
    op.drop_table("jobs")
    op.drop_table("events")
    op.drop_index(op.f("ix_watches_tenant_id"), table_name="watches")
    op.drop_table("watches")
    op.drop_table("paces")
    op.drop_index(op.f("ix_etas_route_id"), table_name="etas")
    op.drop_table("etas")
    op.drop_table("street_speeds")
    op.drop_table("driven_streets")
    op.drop_index(op.f("ix_road_events_tenant_id_ends_at"), table_name="road_events")
    op.drop_table("road_events")
    op.drop_index(op.f("ix_errands_tenant_id_agent_id_state"), table_name="errands")
    op.drop_table("errands")
    op.drop_index(op.f("ix_proofs_created_at"), table_name="proofs")
    op.drop_index(op.f("ix_proofs_delivery_id"), table_name="proofs")
    op.drop_table("proofs")
    op.drop_index(op.f("ix_vehicle_outages_tenant_id_until_at"), table_name="vehicle_outages")
    op.drop_table("vehicle_outages")
    op.drop_index(op.f("ix_dispatch_proposals_tenant_id_decided_at"), table_name="dispatch_proposals")
    op.drop_index(op.f("ix_dispatch_proposals_created_at"), table_name="dispatch_proposals")
    op.drop_index(op.f("ix_dispatch_proposals_tenant_id_state_proposal_id"), table_name="dispatch_proposals")
    op.drop_table("dispatch_proposals")
    op.drop_table("dispatch_limits")
    op.drop_table("position_cells")
    op.drop_table("last_positions")
    op.drop_index(op.f("ix_devices_tenant_id_device_id"), table_name="devices")
    op.drop_table("devices")
    op.drop_table("device_positions")
    op.drop_index(op.f("ix_deposits_delivery_id"), table_name="deposits")
    op.drop_table("deposits")
    op.drop_index(op.f("ix_delivery_links_expires_at"), table_name="delivery_links")
    op.drop_index(op.f("ix_delivery_links_delivery_id"), table_name="delivery_links")
    op.drop_table("delivery_links")
    op.drop_index(op.f("ix_deliveries_tenant_id_state_delivery_id"), table_name="deliveries")
    op.drop_index(op.f("ix_deliveries_tenant_id_created_at"), table_name="deliveries")
    op.drop_index(op.f("ix_deliveries_tenant_id_carrier_id_arrive_at"), table_name="deliveries")
    op.drop_index(op.f("ix_deliveries_route_id"), table_name="deliveries")
    op.drop_index(op.f("ix_deliveries_order_id"), table_name="deliveries")
    op.drop_table("deliveries")
    op.drop_index(op.f("ix_decisions_order_id"), table_name="decisions")
    op.drop_table("decisions")
    op.drop_index(op.f("ix_contractors_tenant_id_carrier_id"), table_name="contractors")
    op.drop_table("contractors")
    op.drop_index(op.f("ix_contractor_offers_delivery_id"), table_name="contractor_offers")
    op.drop_index(op.f("ix_contractor_offers_contractor_id_state"), table_name="contractor_offers")
    op.drop_table("contractor_offers")
    op.drop_index(op.f("ix_contacts_last_order_at"), table_name="contacts")
    op.drop_table("contacts")
    op.drop_table("compartments")
    op.drop_index(
        op.f("ix_collections_keep_until_at"),
        table_name="collections",
        sqlite_where=sa.text("keep_until_at IS NOT NULL"),
        postgresql_where=sa.text("keep_until_at IS NOT NULL"),
    )
    op.drop_table("collections")
    op.drop_table("cartons")
    op.drop_table("carriers")
    op.drop_table("carrier_zones")
    op.drop_table("carrier_surcharges")
    op.drop_table("carrier_rates")
    op.drop_table("carrier_invoices")
    op.drop_index(op.f("ix_carrier_invoice_lines_tenant_id_job_id"), table_name="carrier_invoice_lines")
    op.drop_table("carrier_invoice_lines")
    op.drop_index(op.f("ix_carrier_bookings_tenant_id_state_carrier_id"), table_name="carrier_bookings")
    op.drop_index(op.f("ix_carrier_bookings_tenant_id_state_booking_id"), table_name="carrier_bookings")
    op.drop_index(op.f("ix_carrier_bookings_delivery_id"), table_name="carrier_bookings")
    op.drop_index(op.f("ix_carrier_bookings_contractor_id_state"), table_name="carrier_bookings")
    op.drop_index(op.f("ix_carrier_bookings_carrier_id_carrier_ref"), table_name="carrier_bookings")
    op.drop_table("carrier_bookings")
    op.drop_index(op.f("ix_audit_object_id_audit_no"), table_name="audit")
    op.drop_table("audit")
    op.drop_index(op.f("ix_api_keys_tenant_id_key_id"), table_name="api_keys")
    op.drop_table("api_keys")
