"""The life of a message to a webhook endpoint.

What it publishes is for the operator: sent to endpoints, a message about a message would never end. A replay is a new
message, so delivered and dead stay what they are.
"""

from doorstep.domain.lifecycles.machine import Machine, Transition

WEBHOOK_MESSAGE = Machine(
    name="webhook_message",
    initial="pending",
    transitions=(
        Transition(
            event="retry", sources=("pending", "retrying"), target="retrying", publishes="webhook_message.retrying"
        ),
        Transition(
            event="deliver", sources=("pending", "retrying"), target="delivered", publishes="webhook_message.delivered"
        ),
        Transition(event="give_up", sources=("pending", "retrying"), target="dead", publishes="webhook_message.dead"),
    ),
)
