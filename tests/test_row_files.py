"""Rows from files: JSON, CSV and Parquet are the same rows, and a wrong cell is named by row and field."""

from __future__ import annotations

import datetime
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from pyarrow import parquet

from support import Mock
from testcard.control.client import Control
from testcard.control.putting import put_rows
from testcard.control.row_files import read_folder, read_rows
from testcard.errors import RowError

ACCOUNTS = [{"id": "1", "name": "One"}, {"id": "2", "name": 'Comma, "quote"'}]


def in_folder(folder: Path, name: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def write_parquet(path: Path, **columns: list[Any]) -> Path:
    parquet.write_table(pyarrow.table(columns), path)
    return path


def put(mock: Mock, folder: Path) -> None:
    for name, rows in read_folder(folder):
        api, _, table = name.partition("/")
        put_rows(mock.switchboard.exchange(api), mock.world, table, rows, replace=True)


def test_the_three_forms_are_the_same_rows(tmp_path: Path) -> None:
    in_folder(tmp_path, "a.json").write_text(
        '{"rows": [{"id": "1", "name": "One"}, {"id": "2", "name": "Comma, \\"quote\\""}]}'
    )
    (tmp_path / "a.csv").write_text('id,name\n"""1""",One\n"""2""","Comma, ""quote"""\n')
    write_parquet(tmp_path / "a.parquet", id=["1", "2"], name=["One", 'Comma, "quote"'])

    for ending in ("json", "csv", "parquet"):
        assert read_rows(tmp_path / f"a.{ending}") == ACCOUNTS, ending


def test_what_parquet_has_beside_text_becomes_json(tmp_path: Path) -> None:
    noon = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)
    path = write_parquet(
        tmp_path / "a.parquet",
        at=[noon, None],
        day=[noon.date(), None],
        amount=[Decimal("1.50"), None],
        nested=[{"a": [1]}, None],
        flag=[True, None],
    )

    row = {"at": "2026-03-01T12:00:00Z", "day": "2026-03-01", "amount": 1.5, "nested": {"a": [1]}, "flag": True}
    assert read_rows(path) == [row, {}]


def test_a_wrong_cell_of_a_parquet_file_is_named_by_row_and_field(tmp_path: Path) -> None:
    write_parquet(
        in_folder(tmp_path, "videocentral/accounts.parquet"), id=["1", "2"], name=["One", None], nmae=[None, "x"]
    )
    mock = Mock("videocentral", profile="empty")

    with pytest.raises(RowError, match=r"^videocentral/accounts: row 1: the row: .*nmae"):
        put(mock, tmp_path)
    assert "accounts" not in "".join(mock.world.rows.tables())


def test_a_wrong_cell_stops_the_server_with_its_name(tmp_path: Path) -> None:
    write_parquet(in_folder(tmp_path, "videocentral/accounts.parquet"), id=[1, 2], name=["One", "Two"])
    command = [sys.executable, "-m", "testcard", "serve", "--port", "0", "--fixtures", str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert ran.returncode == 2
    assert 'videocentral/accounts: row 0: id: 1 is not of type "string"' in ran.stderr


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.parquet", b"no parquet", "magic bytes"),
        ("a.json", b"[1]", "expected a list of rows, each an object"),
        ("a.json", b"{", "unexpected end of data"),
        ("a.csv", b'a\n"b', "unexpected end of data"),
        ("a.csv", b"\xff\xfe", "can't decode"),
    ],
)
def test_what_is_no_such_file_names_the_file(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(RowError, match=said) as caught:
        read_rows(tmp_path / name)
    assert str(caught.value).startswith(str(tmp_path / name))


def test_bytes_have_no_place_in_a_row(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "a.parquet", raw=[None, b"x"])

    with pytest.raises(RowError, match=r"row 1: raw: b'x' is no JSON value"):
        read_rows(path)


def test_without_pyarrow_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_parquet(tmp_path / "a.parquet", id=["1"])
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    with pytest.raises(RowError, match=r"needs pyarrow: pip install 'testcard\[parquet\]'"):
        read_rows(path)


def test_a_server_begins_with_the_rows_of_a_folder(tmp_path: Path) -> None:
    write_parquet(in_folder(tmp_path, "videocentral/accounts.parquet"), id=["1"], name=["One"])
    in_folder(tmp_path, "amagi/channels.json").write_text('[{"channelId": "c1"}]')
    command = [sys.executable, "-m", "testcard", "serve", "--port", "0", "--fixtures", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        ready = next(line for line in server.stdout or () if line.startswith("ready "))
        world = Control(ready.split("url=")[1].split()[0]).world()
        accounts = list(world.rows["videocentral/accounts"].read())
        channels = [row["channelId"] for row in world.rows["amagi/channels"].read()]
        server.terminate()

    assert accounts == [{"id": "1", "name": "One"}]
    assert channels == ["c1"]
