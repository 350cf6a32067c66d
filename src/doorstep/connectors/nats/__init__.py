"""Events out to NATS JetStream, for whoever wants to listen there; the extra ``nats``.

``NatsRelay.publish`` hands over events and says how many are acknowledged. JetStream syncs to disk every two minutes by
default: set ``sync_interval: always`` in the server where its copy must outlive a power cut.
"""

from doorstep.connectors.nats.relay import NatsRelay
from doorstep.connectors.nats.settings import Settings

__all__ = ["NatsRelay", "Settings"]
