"""What a simulated party on Onfleet says: its names, what drivers do on each leg, what is told of it, and errors."""

ORGANISATION, TEAM = "org000000000000000000001", "team00000000000000000001"
LEGS = {
    "pickup": ("en_route_to_pickup", "at_pickup", "picked_up"),
    "dropoff": ("en_route_to_dropoff", "at_dropoff", "delivered"),
    "return": ("returning", "at_return", "returned"),
}
"""When a driver starts, arrives and is done on each leg."""
TRIGGERS = {
    0: "taskStarted", 2: "taskArrival", 3: "taskCompleted", 4: "taskFailed", 6: "taskCreated", 8: "taskDeleted",
    9: "taskAssigned", 10: "taskUnassigned",
}  # fmt: skip
TOLD = {
    "created": ((6, "dropoff"),),
    "assigned": ((9, "pickup"),),
    "returning": ((4, "dropoff"), (0, "return")),
    "courier_dropped_out": ((10, "pickup"),),
    "by_caller": ((8, "pickup"),),
    "no_courier": ((4, "pickup"),),
    **{state: ((trigger, leg),) for leg, way in LEGS.items() for state, trigger in zip(way, (0, 2, 3), strict=True)
       if state != "returning"},
}  # fmt: skip
"""What is told of a step, by its reason if that is there, else by its state."""
CODES = {
    "busy": (429, "TooManyRequests", 2300, "Too many requests."),
    "broken": (503, "ServiceUnavailable", 2501, "The service is unavailable."),
    "unauthorised": (401, "InvalidCredentials", 1102, "The API key provided is invalid."),
    "invalid": (400, "InvalidArgument", 1000, "The values provided are invalid."),
    "too_far": (400, "InvalidArgument", 1000, "The destination is too far away."),
    "unknown_delivery": (404, "ResourceNotFound", 1402, "The requested resource does not exist."),
    "not_cancellable": (400, "PreconditionFailed", 1500, "The task has been started or completed."),
    "not_changeable": (400, "PreconditionFailed", 1500, "The task has been completed."),
}
