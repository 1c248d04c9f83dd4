"""testcard: stand-ins for four video-analytics APIs, and the suite that judges clients of them."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from testcard.reach import intercept

__version__ = "0.1.0"

__all__ = ["__version__", "intercept"]


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for: `import testcard` costs nothing."""
    if name == "intercept":
        from testcard.reach import intercept

        return intercept
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
