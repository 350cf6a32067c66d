"""Contractors, who bring single deliveries with vehicles of their own: registered, offered, accepted, reported."""

from doorstep.operations.contractors.answering import Report, accept_offer, decline_offer, give_back, report_on
from doorstep.operations.contractors.offering import Rule, bookings_to_offer, offer_booking, tenants_offering
from doorstep.operations.contractors.registry import Contractor, NewContractor, find_by_link, issue_link, register

__all__ = [
    "Contractor",
    "NewContractor",
    "Report",
    "Rule",
    "accept_offer",
    "bookings_to_offer",
    "decline_offer",
    "find_by_link",
    "give_back",
    "issue_link",
    "offer_booking",
    "register",
    "report_on",
    "tenants_offering",
]
