"""The faces over the exchange: ASGI for serving, Flask for everybody else's tools; routing; running it."""
