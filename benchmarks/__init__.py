"""What `make bench` runs: each module measures one thing, by its ``measure(settings)``."""

__all__ = ["MODULES"]

MODULES = (
    "ceiling",
    "startup",
    "stopping",
    "calls",
    "sockets",
    "memory",
    "worlds",
    "control_room",
    "ibmvideo",
    "amagi",
    "videokit",
)
