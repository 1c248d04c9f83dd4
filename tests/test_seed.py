"""The hash: the same numbers everywhere, and the numpy twins answer what the plain functions answer."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import uuid

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from testcard.seed import (
    below,
    below_array,
    digits,
    hexadecimal,
    mix,
    mix_array,
    scramble,
    scramble_array,
    text,
    uniform,
    uniform_array,
    unscramble,
    uuid_from,
)

words = st.integers(0, 2**64 - 1)
parts = st.lists(words | st.text(max_size=8), max_size=4)


def test_the_numbers_never_change() -> None:
    """A change here changes every world that anybody wrote a test against."""
    numbers = [mix(), mix(0), mix(1729, "default", "amagi", 738_000), mix(-1), mix("Łódź")]
    digest = hashlib.sha256(" ".join(map(str, (*numbers, *(mix(7, n) for n in range(1000))))).encode())

    assert numbers[:3] == [0, 16294208416658607535, 3043950084839625382]
    assert digest.hexdigest()[:16] == "d4f18abb86479269"


def test_the_finaliser_is_the_published_one() -> None:
    """The first outputs of splitmix64 from state 1234567, as its reference implementation prints them."""
    step = 0x9E3779B97F4A7C15

    drawn = [scramble((1234567 + count * step) % 2**64) for count in (1, 2, 3)]

    assert drawn == [6457827717110365317, 3203168211198807973, 9817491932198370423]


@given(words)
def test_scrambling_can_be_undone(word: int) -> None:
    assert unscramble(scramble(word)) == word


@given(parts, st.lists(words, min_size=1, max_size=5), st.integers(1, 2**32))
def test_numpy_twins_answer_the_same(prefix: list[int | str], counters: list[int], limit: int) -> None:
    column = np.array(counters, dtype=np.uint64)

    assert scramble_array(column).tolist() == [scramble(counter) for counter in counters]
    assert mix_array(*prefix, counters=column).tolist() == [mix(*prefix, counter) for counter in counters]
    assert uniform_array(*prefix, counters=column).tolist() == [uniform(*prefix, counter) for counter in counters]
    assert below_array(limit, *prefix, counters=column).tolist() == [below(limit, *prefix, c) for c in counters]


@given(parts, st.integers(1, 2**32))
def test_numbers_stay_in_range(prefix: list[int | str], limit: int) -> None:
    assert 0 <= below(limit, *prefix) < limit
    assert 0.0 <= uniform(*prefix) < 1.0


def test_order_type_and_number_of_parts_matter() -> None:
    assert len({mix(1, 2), mix(2, 1), mix("1", 2), mix(1), mix(1, 2, 0), mix("12"), mix("1", "2")}) == 7


def test_every_remainder_is_drawn_about_equally_often() -> None:
    drawn = np.bincount(below_array(10, "fair", counters=np.arange(100_000, dtype=np.uint64)))

    assert drawn.min() > 9_500
    assert drawn.max() < 10_500


def test_identifiers_have_their_shapes() -> None:
    made = uuid.UUID(uuid_from("asset", 1))

    assert (made.version, made.variant) == (4, uuid.RFC_4122)
    assert str(made) == uuid_from("asset", 1) != uuid_from("asset", 2)
    assert re.fullmatch(r"[0-9a-f]{40}", hexadecimal(40, "token"))
    assert re.fullmatch(r"[1-9][0-9]{21}", digits(22, "client"))
    assert re.fullmatch(r"[A-Z0-9]{10}", text(10, "account"))
    assert text(5, "x", alphabet="ab").strip("ab") == ""


@pytest.mark.parametrize("module", ["testcard.seed", "testcard.world.story"])
def test_importing_does_not_import_numpy(module: str) -> None:
    code = f"import sys, {module}; sys.exit('numpy' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
