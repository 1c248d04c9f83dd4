"""Control over the worlds of a running server: ``/_testcard``."""
