"""One module for each API: its steps, relations and detectors. The only place of the live judge that knows a vendor."""
