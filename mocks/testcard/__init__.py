"""testcard: stand-ins for four video-analytics APIs, and the suite that judges clients of them."""

__version__ = "0.1.0"

__all__ = ["__version__"]
