"""Messages in from an MQTT broker, such as those of OwnTracks; the extra ``mqtt``.

``Subscription.receive`` returns what has come; the broker keeps each message until ``acknowledge``, also while nobody
listens: the session outlives the connection.
"""

from doorstep.connectors.mqtt.settings import Settings, settings_of
from doorstep.connectors.mqtt.transport import Message, Subscription

__all__ = ["Message", "Settings", "Subscription", "settings_of"]
