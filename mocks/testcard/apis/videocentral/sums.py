"""The viewing of a period: which of the story's sessions a channel or studio reports, summed by title."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from testcard.apis.videocentral.tree import API, Source
from testcard.world.story import Story

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from testcard.world.viewing import Viewing

__all__ = ["Period"]

_LATE_ONE_IN = 24  # sessions


@dataclass(frozen=True)
class Period:
    """Whose figures of which days: the story, the channel (as the API shows it) and the viewing it reports.

    A *preliminary* one lacks the sessions that arrive late (A25): a few in a hundred, always the same.
    """

    story: Story
    source: Source
    channel_id: str
    channel: str
    territory: str
    begin: date
    end: date
    preliminary: bool = False

    @cached_property
    def sums(self) -> _Sums:
        """The period's viewing by title, made when first asked for."""
        return _Sums(self)


class _Sums:
    """Sessions of a period by title code: how many, for how long, by how many viewers."""

    def __init__(self, period: Period) -> None:
        import numpy as np

        story = period.story
        self._size = len(story.titles)
        viewing = story.viewing_range(API, period.begin, period.end)
        self._viewing = viewing.take(np.flatnonzero(_mask(period, viewing)))
        self.sessions: list[int] = np.bincount(self._viewing.title, minlength=self._size).tolist()
        spent = np.bincount(self._viewing.title, weights=self._viewing.duration_ms, minlength=self._size)
        self.ms: list[int] = [int(value) for value in spent.tolist()]

    @cached_property
    def viewers(self) -> list[int]:
        """Different viewers of each title."""
        import numpy as np

        pairs = self._viewing.viewer.astype(np.int64) * self._size + self._viewing.title
        return self._by_title(np.unique(pairs) % self._size)

    @cached_property
    def first_views(self) -> list[int]:
        """Viewers whose first title on demand it was."""
        import numpy as np

        seen = self._on_demand()
        return self._by_title(seen.title[np.unique(seen.viewer, return_index=True)[1]])

    @cached_property
    def last_views(self) -> list[int]:
        """Viewers whose last title on demand it was."""
        import numpy as np

        seen = self._on_demand()
        return self._by_title(seen.title[::-1][np.unique(seen.viewer[::-1], return_index=True)[1]])

    def _on_demand(self) -> Viewing:
        import numpy as np

        return self._viewing.take(np.flatnonzero(~self._viewing.live))

    def _by_title(self, titles: npt.NDArray[Any]) -> list[int]:
        import numpy as np

        counted: list[int] = np.bincount(titles, minlength=self._size).tolist()
        return counted


def _mask(period: Period, viewing: Viewing) -> npt.NDArray[np.bool_]:
    """Which sessions a channel or studio reports."""
    import numpy as np

    story, source = period.story, period.source
    if source.studio:
        codes = [title.code for title in story.titles if title.studio == source.studio]
        mask = np.isin(viewing.title, codes)
    else:
        mask = np.isin(viewing.channel, [channel.code for channel in story.channels if channel.slug in source.channels])
    if source.viewers_in:
        countries = [code for code, (_, iso) in enumerate(story.audience.countries) if iso == source.viewers_in]
        mask &= np.isin(story.audience.country[viewing.viewer], countries)
    if period.preliminary:
        mask &= viewing.key % np.uint64(_LATE_ONE_IN) != 0
    return mask
