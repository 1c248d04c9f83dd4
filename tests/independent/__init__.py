"""Second servers: a part of each API, written from the documents alone, with readings and drifts to switch.

They share no line with the mocks: what judges a real service is tried out on these.
"""
