"""What a story follows from: a seed and a profile. All that happens in it is a function of these two."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from testcard.world.content import Profile, profile_named

__all__ = ["Premise"]


@dataclass(frozen=True)
class Premise:
    """The seed decides who watches and what they watch, the profile how many."""

    seed: int = 1729
    profile_name: str = "default"

    @cached_property
    def profile(self) -> Profile:
        """How much happens. Raises `UserError` when no profile has this name."""
        return profile_named(self.profile_name)
