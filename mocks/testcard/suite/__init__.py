"""Judge any client of one of the APIs: say what is wrong with it, prove it, and be right.

One case format, three channels of evidence joined by one call: the *traffic* (journal and rules), the *intent* (what
the scenario asked for), the *outcome* (what the client returned, against an oracle that shares no code with the mocks).
"""
