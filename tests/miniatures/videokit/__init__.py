"""Wrong clients of Cloud Video Kit: each is the careful one with one bug, which counts how often it ran."""

from __future__ import annotations

from adapters.videokit import Adapter
from miniatures.registry import of_classes
from miniatures.videokit import calls, figures, lists, uploads
from miniatures.videokit.wrong import Wrong

__all__ = ["MINIATURES", "calls", "figures", "lists", "uploads"]

MINIATURES = of_classes("videokit", Wrong, Adapter)
