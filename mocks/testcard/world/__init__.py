"""Worlds: seed, profile, clock, credentials, rows, store and story. No vendor, no web framework."""
