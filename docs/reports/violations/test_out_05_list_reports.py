"""OUT-05: The totals a client returns are those of the service.

returned totals {'total': 6}; expected {'total': 4}

Run `testcard serve`, then `pytest test_out_05_list_reports.py`. The client stands where `client_under_test` is: fill it in.
"""

import json
import os
import urllib.request

import pytest

URL = os.environ.get("TESTCARD_URL", "http://127.0.0.1:8900")
SCENARIO = {'name': 'reports modified in one second',
 'api': 'videocentral',
 'steps': [{'operation': 'list_reports',
            'arguments': {'account_id': '0071304265',
                          'reports_group_id': 'channelsPremium',
                          'channel_id': '5fb81476-88ca-370e-b158-7e3d04e0a75e',
                          'report_type_id': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007',
                          'modifiedDateGte': '2026-02-20T06:00:00.500Z'},
            'fresh': False,
            'token': True,
            'advance_s': 0,
            'rows': {}}],
 'rows': {'accounts': [{'id': '0071304265', 'name': 'accounts 0 Comma, "quote"'}],
          'reportGroups': [{'accountId': '0071304265',
                            'id': 'channelsPremium',
                            'name': 'reportGroups 0 Comma, "quote"'}],
          'channels': [{'accountId': '0071304265',
                        'reportGroupId': 'channelsPremium',
                        'id': '5fb81476-88ca-370e-b158-7e3d04e0a75e',
                        'name': 'channels 0 Comma, "quote"',
                        'territory': 'US'}],
          'reportTypes': [{'accountId': '0071304265',
                           'reportGroupId': 'channelsPremium',
                           'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e',
                           'id': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007',
                           'name': 'reportTypes 0 Comma, "quote"',
                           'cadence': 'Daily'}],
          'reports': [{'accountId': '0071304265',
                       'reportGroupId': 'channelsPremium',
                       'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e',
                       'reportTypeId': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007',
                       'name': 'First and Last VOD Title',
                       'cadence': 'Daily',
                       'reportDateBegin': '2026-02-17',
                       'reportDateEnd': '2026-02-17',
                       'modifiedDate': '2026-02-20T06:00:00.000Z',
                       'records': [{'Title': 'Comma, "quote"',
                                    'Title ID': '000',
                                    'Minutes Streamed': '12.50',
                                    'Royalty Amount': '0.10'}],
                       'numRows': 1},
                      {'accountId': '0071304265',
                       'reportGroupId': 'channelsPremium',
                       'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e',
                       'reportTypeId': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007',
                       'name': 'First and Last VOD Title',
                       'cadence': 'Daily',
                       'reportDateBegin': '2026-02-16',
                       'reportDateEnd': '2026-02-16',
                       'modifiedDate': '2026-02-20T06:00:00.499Z',
                       'records': [{'Title': 'Comma, "quote"',
                                    'Title ID': '000',
                                    'Minutes Streamed': '12.50',
                                    'Royalty Amount': '0.10'},
                                   {'Title': 'Ünïcödé 東京',
                                    'Title ID': '001',
                                    'Minutes Streamed': '12.50',
                                    'Royalty Amount': '0.10'}],
                       'numRows': 2},
                      {'accountId': '0071304265',
                       'reportGroupId': 'channelsPremium',
                       'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e',
                       'reportTypeId': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007',
                       'name': 'First and Last VOD Title',
                       'cadence': 'Daily',
                       'reportDateBegin': '2026-02-15',
                       'reportDateEnd': '2026-02-15',
                       'modifiedDate': '2026-02-20T06:00:00.500Z',
                       'records': [{'Title': 'Comma, "quote"',
                                    'Title ID': '000',
                                    'Minutes Streamed': '12.50',
                                    'Royalty Amount': '0.10'},
                                   {'Title': 'Ünïcödé 東京',
                                    'Title ID': '001',
                                    'Minutes Streamed': '12.50',
                                    'Royalty Amount': '0.10'},
                                   {'Title': '<b>&amp;</b>',
                                    'Title ID': '002',
                                    'Minutes Streamed': '12.50',
                                    'Royalty Amount': '0.10'}],
                       'numRows': 3},
                      {'accountId': '0071304265',
                       'reportGroupId': 'channelsPremium',
                       'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e',
                       'reportTypeId': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007',
                       'name': 'First and Last VOD Title',
                       'cadence': 'Daily',
                       'reportDateBegin': '2026-02-14',
                       'reportDateEnd': '2026-02-14',
                       'modifiedDate': '2026-02-20T06:00:00.501Z',
                       'records': [],
                       'numRows': 0},
                      {'accountId': '0071304265',
                       'reportGroupId': 'channelsPremium',
                       'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e',
                       'reportTypeId': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007',
                       'name': 'First and Last VOD Title',
                       'cadence': 'Daily',
                       'reportDateBegin': '2026-02-13',
                       'reportDateEnd': '2026-02-13',
                       'modifiedDate': '2026-02-20T06:00:00.999Z',
                       'records': [{'Title': 'Comma, "quote"',
                                    'Title ID': '000',
                                    'Minutes Streamed': '12.50',
                                    'Royalty Amount': '0.10'}],
                       'numRows': 1},
                      {'accountId': '0071304265',
                       'reportGroupId': 'channelsPremium',
                       'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e',
                       'reportTypeId': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007',
                       'name': 'First and Last VOD Title',
                       'cadence': 'Daily',
                       'reportDateBegin': '2026-02-12',
                       'reportDateEnd': '2026-02-12',
                       'modifiedDate': '2026-02-20T06:00:01.000Z',
                       'records': [{'Title': 'Comma, "quote"',
                                    'Title ID': '000',
                                    'Minutes Streamed': '12.50',
                                    'Royalty Amount': '0.10'},
                                   {'Title': 'Ünïcödé 東京',
                                    'Title ID': '001',
                                    'Minutes Streamed': '12.50',
                                    'Royalty Amount': '0.10'}],
                       'numRows': 2}]},
 'faults': (),
 'now': '2026-03-02T12:00:00Z',
 'seed': 1729,
 'profile': 'empty',
 'dialect': 'documented',
 'readings': {},
 'grants': {}}


def control(method, path, body=None):
    request = urllib.request.Request(
        f"{URL}/_testcard{path}", method=method,
        data=None if body is None else json.dumps(body).encode(), headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read() or "null")


@pytest.fixture
def world():
    recipe = {name: SCENARIO[name] for name in ("seed", "profile", "now", "dialect", "readings")}
    world = control("POST", "/worlds", recipe)
    for table, rows in SCENARIO["rows"].items():
        control("PUT", f"/worlds/{world['id']}/rows/{SCENARIO['api']}/{table}", {"rows": rows})
    for fault in SCENARIO["faults"]:
        control("POST", f"/worlds/{world['id']}/faults", fault)
    yield world
    control("DELETE", f"/worlds/{world['id']}")


def client_under_test(operation, arguments, env):
    """Carry out one operation with your client; `env` has its addresses and credentials."""
    pytest.skip("fill in your client")


def test_out_05_list_reports(world):
    steps = SCENARIO["steps"][: 1]
    for step in steps:
        if step["advance_s"]:
            control("POST", f"/worlds/{world['id']}/clock/advance", {"seconds": step["advance_s"]})
        result = client_under_test(step["operation"], step["arguments"], world["env"])
    assert result != [{'numRows': 2,
      'downloadUrl': 'http://127.0.0.1:8900/~w1/storage/packaged-report-v2-prod/00000000000000000000000000000000/2026-02-12/6/First-and-Last-VOD-Title_2026-02-12_2026-02-12.zip?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=ASIA6P1870XH2KF5OWR5%2F20260302%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20260302T120000Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=0000000000000000000000000000000000000000000000000000000000000000',
      'reportDateBegin': '2026-02-12',
      'reportDateEnd': '2026-02-12',
      'modifiedDate': '2026-02-20T06:00:01.000Z',
      'name': 'First and Last VOD Title',
      'cadence': 'Daily'},
     {'numRows': 1,
      'downloadUrl': 'http://127.0.0.1:8900/~w1/storage/packaged-report-v2-prod/00000000000000000000000000000000/2026-02-13/5/First-and-Last-VOD-Title_2026-02-13_2026-02-13.zip?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=ASIA6P1870XH2KF5OWR5%2F20260302%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20260302T120000Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=0000000000000000000000000000000000000000000000000000000000000000',
      'reportDateBegin': '2026-02-13',
      'reportDateEnd': '2026-02-13',
      'modifiedDate': '2026-02-20T06:00:00.999Z',
      'name': 'First and Last VOD Title',
      'cadence': 'Daily'},
     {'numRows': 0,
      'downloadUrl': 'http://127.0.0.1:8900/~w1/storage/packaged-report-v2-prod/00000000000000000000000000000000/2026-02-14/4/First-and-Last-VOD-Title_2026-02-14_2026-02-14.zip?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=ASIA6P1870XH2KF5OWR5%2F20260302%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20260302T120000Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=0000000000000000000000000000000000000000000000000000000000000000',
      'reportDateBegin': '2026-02-14',
      'reportDateEnd': '2026-02-14',
      'modifiedDate': '2026-02-20T06:00:00.501Z',
      'name': 'First and Last VOD Title',
      'cadence': 'Daily'},
     {'numRows': 3,
      'downloadUrl': 'http://127.0.0.1:8900/~w1/storage/packaged-report-v2-prod/00000000000000000000000000000000/2026-02-15/3/First-and-Last-VOD-Title_2026-02-15_2026-02-15.zip?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=ASIA6P1870XH2KF5OWR5%2F20260302%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20260302T120000Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=0000000000000000000000000000000000000000000000000000000000000000',
      'reportDateBegin': '2026-02-15',
      'reportDateEnd': '2026-02-15',
      'modifiedDate': '2026-02-20T06:00:00.500Z',
      'name': 'First and Last VOD Title',
      'cadence': 'Daily'},
     {'numRows': 2,
      'downloadUrl': 'http://127.0.0.1:8900/~w1/storage/packaged-report-v2-prod/00000000000000000000000000000000/2026-02-16/2/First-and-Last-VOD-Title_2026-02-16_2026-02-16.zip?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=ASIA6P1870XH2KF5OWR5%2F20260302%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20260302T120000Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=0000000000000000000000000000000000000000000000000000000000000000',
      'reportDateBegin': '2026-02-16',
      'reportDateEnd': '2026-02-16',
      'modifiedDate': '2026-02-20T06:00:00.499Z',
      'name': 'First and Last VOD Title',
      'cadence': 'Daily'},
     {'numRows': 1,
      'downloadUrl': 'http://127.0.0.1:8900/~w1/storage/packaged-report-v2-prod/00000000000000000000000000000000/2026-02-17/1/First-and-Last-VOD-Title_2026-02-17_2026-02-17.zip?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=ASIA6P1870XH2KF5OWR5%2F20260302%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20260302T120000Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=0000000000000000000000000000000000000000000000000000000000000000',
      'reportDateBegin': '2026-02-17',
      'reportDateEnd': '2026-02-17',
      'modifiedDate': '2026-02-20T06:00:00.000Z',
      'name': 'First and Last VOD Title',
      'cadence': 'Daily'}]
