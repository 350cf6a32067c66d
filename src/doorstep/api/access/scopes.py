"""The scope of every endpoint, by its name: the one place where it is said what a key or a role may do.

An endpoint that does not stand here cannot be made. The few that need no scope stand at the end, name by name.
"""

_BY_SCOPE = {
    "orders:read": "read_orders read_order read_external_order read_returns read_return read_subscriptions "
    "read_subscription read_memberships read_membership read_notices read_notice_rules",
    "orders:write": "create_order put_order create_orders place_draft cancel complete hold release "
    "allocate hold_a_slot confirm_slot_hold release_slot_hold create_return decide_return receive_goods "
    "create_subscription skip_once swap_subscribed change_subscription create_membership change_membership "
    "add_errands assign_errand",
    "quotes:write": "offer_options",
    "network:read": "read_slots read_slot read_studies read_study read_study_table read_study_map "
    "read_tariff_of_carrier",
    "network:write": "define_slots change_slot study_network cancel_network_study adopt_network_study "
    "put_tariff_of_carrier",
    "stock:read": "read_stock read_receipts read_receipt read_proposals read_proposal "
    "read_stock_plans read_stock_plan read_stock_plan_table",
    "stock:write": "adjust adjust_many expect_receipt change_receipt take_in_receipt cancel_receipt "
    "accept_stock_proposal reject_stock_proposal give_sold_units plan_stock cancel_plan_of_stock",
    "deliveries:read": "read_deliveries read_delivery read_delivery_events read_delivery_bookings read_shipments "
    "read_shipment read_collections read_delivery_collection read_station read_station_units read_exceptions "
    "read_label read_proof read_errands read_contractors read_contractor read_contractor_offers "
    "read_delivery_remarks",
    "deliveries:write": "cancel_delivery reschedule_delivery redirect_delivery hand_over pack write_off resolve "
    "issue_delivery_link revoke_delivery_links issue_collection_code assign_bay deposit_parcels restock "
    "register_contractor issue_contractor_link change_contractor recall_contractor_offer",
    "tracking:ingest": "report_delivery_event put_proof end_errand scan_parcels",
    "routes:read": "read_routes read_route read_route_line read_route_course read_street_speeds read_devices "
    "read_device read_vehicle_positions read_vehicle_feed read_dispatch_limits read_dispatch_proposals "
    "read_dispatch_proposal read_road_events read_road_event",
    "routes:write": "plan_routes assign_to_driver dispatch replan register_device change_device renew_device_token "
    "revoke_device put_dispatch_limits accept_dispatch_proposal refuse_dispatch_proposal undo_dispatch_proposal halt "
    "move create_road_event end_road_event",
    "money:read": "read_money_entries read_balances read_margins export_margins read_carrier_invoices "
    "read_carrier_invoice read_carrier_invoice_lines",
    "money:write": "give_refund send_carrier_invoice decide_carrier_invoice",
    "decisions:read": "read_decisions evaluate evaluate_modes shadow",
    "webhooks:manage": "create_endpoint read_endpoints read_endpoint change_endpoint delete_endpoint rotate_secret "
    "test_endpoint replay_message read_messages read_events stream_events",
    "jobs:read": "read_jobs read_job",
    "jobs:write": "cancel_job",
    "admin": "create_api_key read_api_keys delete_api_key read_audit import_folder export_table erase_person "
    "add_person read_people read_person change_person reset_password put_notice_rules",
}
_TABLES = (
    "site", "product", "vehicle", "carrier", "service_level", "lane", "price_rule", "compartment", "extra",
    "membership_plan", "drone", "weather_row", "closed_day",
)  # fmt: skip

SCOPE_OF: dict[str, str] = {name: scope for scope, names in _BY_SCOPE.items() for name in names.split()} | {
    f"{verb}_{table}{ending}": scope
    for table in _TABLES
    for scope, verb, ending in (
        ("network:read", "list", "s"),
        ("network:read", "read", ""),
        ("network:write", "put", ""),
        ("network:write", "delete", ""),
    )
}
"""Scope by the name of the endpoint, which is its function's and its ``operationId``."""

BY_LINK = frozenset(
    {
        "read_collection", "set_out", "tell_location", "arrive", "leave",
        "read_notice_preferences", "change_notice_preferences", "show_notice_preferences", "stop_notices",
        "read_contractor_desk", "accept_offer", "decline_offer", "give_back_offer", "report_on_offer",
    }
)  # fmt: skip
"""Endpoints for shoppers and contractors, whose link is all that they show."""

BY_DEVICE = frozenset(
    {"take_own_positions", "take_owntracks", "take_traccar", "take_osmand", "take_osmand_form", "take_overland"}
)
"""Endpoints for devices, which show their token in whatever way their app can."""

OPEN = frozenset({"log_in", "start_oidc", "finish_oidc", "hear_carrier", "answer_carrier"}) | BY_LINK | BY_DEVICE
"""Endpoints that see for themselves who asks: people come in by three, what carriers send is signed, and links and
tokens of devices are secret."""

SIGNED_IN = frozenset({"read_session", "log_out", "change_password"})
"""Endpoints that need a person's session, whatever its role; an API key is no use here."""


NAMED = frozenset(SCOPE_OF) | OPEN | SIGNED_IN
"""All endpoints of the API."""


def needed_by(name: str) -> str:
    """Return the scope that an endpoint needs, ``session`` or ``none``; ``KeyError`` if it is not known here."""
    if name in OPEN:
        return "none"
    return "session" if name in SIGNED_IN else SCOPE_OF[name]
