"""The system of record: tables, transactions, the stock ledger, the journal, and the queue of jobs.

``Database`` opens transactions; ``Writer`` is the one thread through which everything is written, many requests a
commit; a ``Connection`` is what queries and operations get to see.
"""

from doorstep.storage.connection import Connection
from doorstep.storage.database import Database
from doorstep.storage.writer import DatabaseUnavailableError, OverloadedError, Writer

__all__ = ["Connection", "Database", "DatabaseUnavailableError", "OverloadedError", "Writer"]
