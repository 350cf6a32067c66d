"""The lives of everything that has a state, one table each.

A command steps strictly (``Machine.step``); a fact from outside is recorded tolerantly (``Machine.record``). Every
transition names the one event that goes to the outbox with it.
"""

from doorstep.domain.lifecycles.carrier_booking import CARRIER_BOOKING
from doorstep.domain.lifecycles.carrier_invoice import CARRIER_INVOICE
from doorstep.domain.lifecycles.collection import COLLECTION
from doorstep.domain.lifecycles.contractor import CONTRACTOR
from doorstep.domain.lifecycles.contractor_offer import CONTRACTOR_OFFER
from doorstep.domain.lifecycles.delivery import DELIVERY
from doorstep.domain.lifecycles.dispatch_proposal import DISPATCH_PROPOSAL
from doorstep.domain.lifecycles.errand import ERRAND
from doorstep.domain.lifecycles.exception import EXCEPTION
from doorstep.domain.lifecycles.machine import Applied, Ignored, IllegalTransitionError, Machine, Transition
from doorstep.domain.lifecycles.membership import MEMBERSHIP
from doorstep.domain.lifecycles.network_study import NETWORK_STUDY
from doorstep.domain.lifecycles.order import ORDER
from doorstep.domain.lifecycles.receipt import RECEIPT
from doorstep.domain.lifecycles.return_ import RETURN
from doorstep.domain.lifecycles.route import ROUTE
from doorstep.domain.lifecycles.shipment import SHIPMENT
from doorstep.domain.lifecycles.slot_hold import SLOT_HOLD
from doorstep.domain.lifecycles.station_unit import STATION_UNIT
from doorstep.domain.lifecycles.stock_plan import STOCK_PLAN
from doorstep.domain.lifecycles.stock_proposal import STOCK_PROPOSAL
from doorstep.domain.lifecycles.subscription import SUBSCRIPTION
from doorstep.domain.lifecycles.webhook_message import WEBHOOK_MESSAGE

_ALL = (
    ORDER,
    SHIPMENT,
    DELIVERY,
    COLLECTION,
    CARRIER_BOOKING,
    CARRIER_INVOICE,
    CONTRACTOR,
    CONTRACTOR_OFFER,
    STATION_UNIT,
    EXCEPTION,
    ERRAND,
    ROUTE,
    DISPATCH_PROPOSAL,
    SLOT_HOLD,
    SUBSCRIPTION,
    MEMBERSHIP,
    RETURN,
    RECEIPT,
    NETWORK_STUDY,
    STOCK_PLAN,
    STOCK_PROPOSAL,
    WEBHOOK_MESSAGE,
)

LIFECYCLES: dict[str, Machine] = {machine.name: machine for machine in _ALL}
"""Every machine by its name."""

__all__ = ["LIFECYCLES", "Applied", "Ignored", "IllegalTransitionError", "Machine", "Transition"]
