"""Carriers that are connected: deliveries are booked with them, followed by what they tell, and given to the next one.

A worker calls the carrier between two transactions: what is to be asked is written first, under an id that the carrier
keeps, so whoever comes back after a crash asks for the same booking again and gets it.
"""

from doorstep.operations.carriers.calling import calls_due, store_booking, store_refusal, store_silence
from doorstep.operations.carriers.calling_off import calls_off_due, store_called_off
from doorstep.operations.carriers.comparing import Quoted, rivals_of, store_comparison
from doorstep.operations.carriers.hearing import take_facts, unheard

__all__ = [
    "Quoted",
    "calls_due",
    "calls_off_due",
    "rivals_of",
    "store_booking",
    "store_called_off",
    "store_comparison",
    "store_refusal",
    "store_silence",
    "take_facts",
    "unheard",
]
