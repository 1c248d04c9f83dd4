"""Numbers out of counters: the same on every machine, in plain Python and in numpy alike.

Nothing here keeps a state. A number is a function of the parts that name it (a seed, a purpose, a day, a
counter), so any row can be made alone, in any order, and twice. The hash is our own, built on the finaliser of
splitmix64; Python's ``hash()`` and numpy's generators may change, and never appear. Importing this module does
not import numpy: the ``_array`` twins, which answer exactly what the plain functions answer, ask for it when called.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Words = npt.NDArray[np.uint64]

__all__ = [
    "below",
    "below_array",
    "digits",
    "hexadecimal",
    "mix",
    "mix_array",
    "scramble",
    "scramble_array",
    "text",
    "uniform",
    "uniform_array",
    "unscramble",
    "uuid_from",
]

_MASK = (1 << 64) - 1
_STEP = 0x9E3779B97F4A7C15  # 2**64 over the golden ratio, as in splitmix64
_FIRST, _SECOND = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
_FIRST_BACK, _SECOND_BACK = pow(_FIRST, -1, 1 << 64), pow(_SECOND, -1, 1 << 64)
_ALPHANUMERICS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def scramble(word: int) -> int:
    """Return the 64-bit word that stands for *word*: a bijection, undone by `unscramble`."""
    word = ((word ^ (word >> 30)) * _FIRST) & _MASK
    word = ((word ^ (word >> 27)) * _SECOND) & _MASK
    return word ^ (word >> 31)


def unscramble(word: int) -> int:
    """Return what `scramble` made *word* of."""
    word = ((word ^ (word >> 31) ^ (word >> 62)) * _SECOND_BACK) & _MASK
    word = ((word ^ (word >> 27) ^ (word >> 54)) * _FIRST_BACK) & _MASK
    return word ^ (word >> 30) ^ (word >> 60)


def mix(*parts: int | str) -> int:
    """Return a 64-bit number that depends on every part and on their order.

    Integers count modulo 2**64; a string differs from the integer it spells.
    """
    state = 0
    for part in parts:
        word = _word(part) if isinstance(part, str) else part & _MASK
        state = scramble(((state + _STEP) & _MASK) ^ word)
    return state


def uniform(*parts: int | str) -> float:
    """Return a number in [0, 1) with 53 bits."""
    return (mix(*parts) >> 11) * 2.0**-53


def below(limit: int, *parts: int | str) -> int:
    """Return an integer in 0..limit-1; *limit* is at most 2**32."""
    return ((mix(*parts) >> 32) * limit) >> 32


def hexadecimal(length: int, *parts: int | str) -> str:
    """Return *length* lower-case hexadecimal digits."""
    return text(length, *parts, alphabet="0123456789abcdef")


def digits(length: int, *parts: int | str) -> str:
    """Return *length* decimal digits, the first of them not zero; as many as wanted, beyond 64 bits too."""
    rest = text(length, *parts, alphabet="0123456789")
    return "123456789"[below(9, *parts, "first digit")] + rest[1:]


def text(length: int, *parts: int | str, alphabet: str = _ALPHANUMERICS) -> str:
    """Return *length* characters of *alphabet* (at most 256 characters long), upper-case alphanumerics by default."""
    state, size = (mix(mix(*parts)) + _STEP) & _MASK, len(alphabet)
    letters: list[str] = []
    for counter in range((length + 3) // 4):
        word = scramble(state ^ counter)  # mix(mix(*parts), counter), the first half of it done once for all
        letters += [alphabet[(((word >> shift) & 0xFFFF) * size) >> 16] for shift in (48, 32, 16, 0)]
    return "".join(letters[:length])


def uuid_from(*parts: int | str) -> str:
    """Return a UUID with the version and variant of a random one (version 4)."""
    high = mix(*parts) & ~0xF000 | 0x4000
    low = mix(*parts, "low") & (_MASK >> 2) | 1 << 63
    whole = f"{high:016x}{low:016x}"
    return f"{whole[:8]}-{whole[8:12]}-{whole[12:16]}-{whole[16:20]}-{whole[20:]}"


def scramble_array(words: Words) -> Words:
    """`scramble` of each word."""
    from numpy import uint64

    words = words ^ (words >> uint64(30))  # from here on in place: making room costs as much as counting
    words *= uint64(_FIRST)
    words ^= words >> uint64(27)
    words *= uint64(_SECOND)
    words ^= words >> uint64(31)
    return words


def mix_array(*parts: int | str, counters: Words) -> Words:
    """``mix(*parts, counter)`` for each counter."""
    from numpy import uint64

    return scramble_array(counters ^ uint64((mix(*parts) + _STEP) & _MASK))


def uniform_array(*parts: int | str, counters: Words) -> npt.NDArray[np.float64]:
    """``uniform(*parts, counter)`` for each counter."""
    from numpy import float64, uint64

    return (mix_array(*parts, counters=counters) >> uint64(11)).astype(float64) * float64(2.0**-53)


def below_array(limit: int, *parts: int | str, counters: Words) -> npt.NDArray[np.int64]:
    """``below(limit, *parts, counter)`` for each counter."""
    from numpy import int64, uint64

    high = mix_array(*parts, counters=counters) >> uint64(32)
    return ((high * uint64(limit)) >> uint64(32)).astype(int64)


@lru_cache(maxsize=4096)
def _word(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")
