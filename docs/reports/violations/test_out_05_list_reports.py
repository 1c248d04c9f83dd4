"""OUT-05: The totals a client returns are those of the service.

returned totals {'total': 6}; expected {'total': 4}

Run `testcard serve`, then `pytest test_out_05_list_reports.py`. The client stands where `client_under_test` is: fill it in.
"""

import contextlib
import json
import os
import re
import time
import urllib.request
from unittest.mock import ANY

import pytest

URL = os.environ.get("TESTCARD_URL", "http://127.0.0.1:8900")
SCENARIO = {'name': 'reports modified in one second',
 'api': 'videocentral',
 'steps': [{'operation': 'list_reports', 'arguments': {'account_id': '0071304265', 'reports_group_id': 'channelsPremium', 'channel_id': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'report_type_id': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007', 'modifiedDateGte': '2026-02-20T06:00:00.500Z'}, 'fresh': False, 'token': True, 'advance_s': 0, 'rows': {}}],
 'rows': {'accounts': [{'id': '0071304265', 'name': 'accounts 0 Comma, "quote"'}],
          'reportGroups': [{'accountId': '0071304265', 'id': 'channelsPremium', 'name': 'reportGroups 0 Comma, "quote"'}],
          'channels': [{'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'id': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'name': 'channels 0 Comma, "quote"', 'territory': 'US'}],
          'reportTypes': [{'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'id': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007', 'name': 'reportTypes 0 Comma, "quote"', 'cadence': 'Daily'}],
          'reports': [{'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'reportTypeId': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007', 'name': 'First and Last VOD Title', 'cadence': 'Daily', 'reportDateBegin': '2026-02-17', 'reportDateEnd': '2026-02-17', 'modifiedDate': '2026-02-20T06:00:00.000Z', 'records': [{'Title': 'Comma, "quote"', 'Title ID': '000', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}], 'numRows': 1},
                      {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'reportTypeId': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007', 'name': 'First and Last VOD Title', 'cadence': 'Daily', 'reportDateBegin': '2026-02-16', 'reportDateEnd': '2026-02-16', 'modifiedDate': '2026-02-20T06:00:00.499Z', 'records': [{'Title': 'Comma, "quote"', 'Title ID': '000', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}, {'Title': 'Ünïcödé 東京', 'Title ID': '001', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}], 'numRows': 2},
                      {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'reportTypeId': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007', 'name': 'First and Last VOD Title', 'cadence': 'Daily', 'reportDateBegin': '2026-02-15', 'reportDateEnd': '2026-02-15', 'modifiedDate': '2026-02-20T06:00:00.500Z', 'records': [{'Title': 'Comma, "quote"', 'Title ID': '000', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}, {'Title': 'Ünïcödé 東京', 'Title ID': '001', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}, {'Title': '<b>&amp;</b>', 'Title ID': '002', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}], 'numRows': 3},
                      {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'reportTypeId': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007', 'name': 'First and Last VOD Title', 'cadence': 'Daily', 'reportDateBegin': '2026-02-14', 'reportDateEnd': '2026-02-14', 'modifiedDate': '2026-02-20T06:00:00.501Z', 'records': [], 'numRows': 0},
                      {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'reportTypeId': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007', 'name': 'First and Last VOD Title', 'cadence': 'Daily', 'reportDateBegin': '2026-02-13', 'reportDateEnd': '2026-02-13', 'modifiedDate': '2026-02-20T06:00:00.999Z', 'records': [{'Title': 'Comma, "quote"', 'Title ID': '000', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}], 'numRows': 1},
                      {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'reportTypeId': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007', 'name': 'First and Last VOD Title', 'cadence': 'Daily', 'reportDateBegin': '2026-02-12', 'reportDateEnd': '2026-02-12', 'modifiedDate': '2026-02-20T06:00:01.000Z', 'records': [{'Title': 'Comma, "quote"', 'Title ID': '000', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}, {'Title': 'Ünïcödé 東京', 'Title ID': '001', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}], 'numRows': 2}]},
 'faults': (),
 'now': '2026-03-02T12:00:00Z',
 'seed': 1729,
 'profile': 'empty',
 'dialect': 'documented',
 'readings': {},
 'grants': {}}


def client_under_test(operation, arguments, env):
    """Carry out one operation with your client and return the totals; `env` has its addresses and credentials."""
    pytest.skip("fill in your client")


def control(method, path, body=None):
    request = urllib.request.Request(
        f"{URL}/_testcard{path}", method=method,
        data=None if body is None else json.dumps(body).encode(), headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read() or "null")


@pytest.fixture
def world():
    recipe = {name: SCENARIO[name] for name in ("seed", "profile", "dialect", "readings")}
    world = control("POST", "/worlds", recipe | ({"now": SCENARIO["now"]} if SCENARIO["now"] else {}))
    put(world, SCENARIO["rows"])
    for fault in SCENARIO["faults"]:
        control("POST", f"/worlds/{world['id']}/faults", fault)
    if SCENARIO["grants"]:
        asked = {"api": SCENARIO["api"], "name": "the client's own", "grants": SCENARIO["grants"]}
        world["env"] |= control("POST", f"/worlds/{world['id']}/credentials", asked)
    yield world
    control("DELETE", f"/worlds/{world['id']}")


def put(world, tables):
    for table, rows in tables.items():
        control("PUT", f"/worlds/{world['id']}/rows/{SCENARIO['api']}/{table}", {"rows": rows})


def play(world):
    """Carry out the steps; what the last one returns."""
    results = []
    for step in SCENARIO["steps"][: 1 - 1]:
        with contextlib.suppress(Exception):
            results.append(carry_out(world, step, results))
    return carry_out(world, SCENARIO["steps"][1 - 1], results)


def carry_out(world, step, results):
    put(world, step["rows"])
    if step["advance_s"]:
        control("POST", f"/worlds/{world['id']}/clock/advance", {"seconds": step["advance_s"]})
    ready = {name: text for name, text in world["env"].items() if step["token"] or not is_token(name)}
    world["since"] = max((entry["id"] for entry in journal(world)), default=0)
    return known(client_under_test(step["operation"], resolved(step["arguments"], results, ready), ready))


def tried(world):
    """Play, whether the client gets anywhere or not: what it sends is what counts."""
    with contextlib.suppress(Exception):
        play(world)


def resolved(value, results, env):
    """Arguments, with what earlier steps returned and with variables."""
    if isinstance(value, list):
        return [resolved(each, results, env) for each in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"$env"}:
        return env[value["$env"]]
    if set(value) == {"$result"}:
        return results[value["$result"]]
    return {name: resolved(each, results, env) for name, each in value.items()}


def known(value):
    """A result without the field that a fault may have added: a client may pass it on."""
    if isinstance(value, dict):
        return {name: known(each) for name, each in value.items() if name != "x_testcard_unknown"}
    return [known(each) for each in value] if isinstance(value, list) else value


def ordered(rows):
    return sorted(rows, key=repr)


def journal(world):
    return control("GET", f"/worlds/{world['id']}/journal")["entries"]


def sent(world):
    """What the last step sent: method, path, query and the names of the headers that say who calls."""
    told = []
    for entry in journal(world):
        if entry["id"] > world["since"]:
            path, _, query = re.sub(r"^\w+://[^/]+(/~[^/]+)?", "", plain(world, entry["url"])).partition("?")
            place = (path, query) if entry["api"] == SCENARIO["api"] else (entry["api"], "")
            names = sorted({"authorization", "x-api-key", "x-access-token"} & entry["request"]["headers"].keys())
            told.append([entry["method"], *place, *names])
    return told


def plain(world, url):
    """A URL without what is another in each world."""
    for name, text in world["env"].items():
        if not name.endswith("URL"):
            url = url.replace(text, "…")
    return url.replace("[redacted]", "…")


def secrets(world):
    return [text for name, text in world["env"].items() if is_token(name) or name.endswith(("SECRET", "KEY"))]


def is_token(name):
    return name.endswith("_TOKEN") and "REFRESH" not in name


def test_out_05_list_reports(world, capfd):
    assert play(world) in [{'total': 4}]
