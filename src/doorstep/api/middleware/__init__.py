"""The shell around every endpoint, as plain ASGI: each layer is one small module, wired in ``doorstep.api.app``."""
