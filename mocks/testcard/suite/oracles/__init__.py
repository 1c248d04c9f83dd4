"""The oracles: plain models over a scenario's rows, one for each API. They import nothing of the mocks."""
