"""Cost, vehicles, seconds and memory of the routing engine on public instances and on a made-up city, beside peers.

``families`` finds instances, ``job`` says what one run is, ``one`` does it in a process of its own, ``engines`` and the
``peer_*`` modules are what can run, ``generator`` makes the city, ``summary`` sums up.
"""
