"""INT-01: Each request carries the ids, filters, ranges and dates that were asked for, in the documented form.

asked for modifiedDateGte='2026-02-15T02:00:00.012Z', and request 1 has '2026-02-15': GET /videocentral/apis/v1/accounts/0071304265/channelsPremium/5fb81476-88ca-370e-b158-7e3d04e0a75e/reportTypes/amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007/reports

Run `testcard serve`, then `pytest test_int_01_list_reports.py`. The client stands where `client_under_test` is: fill it in.
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
SCENARIO = {'name': 'what changed since an instant',
 'api': 'videocentral',
 'steps': [{'operation': 'list_reports', 'arguments': {'account_id': '0071304265', 'reports_group_id': 'channelsPremium', 'channel_id': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'report_type_id': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007', 'modifiedDateGte': '2026-02-15T02:00:00.012Z'}, 'fresh': False, 'token': True, 'advance_s': 0, 'rows': {}}],
 'rows': {'accounts': [{'id': '0071304265', 'name': 'accounts 0 Comma, "quote"'},
                       {'id': '0071301001', 'name': 'accounts 1 Ünïcödé 東京'},
                       {'id': '0071301002', 'name': 'accounts 2 <b>&amp;</b>'},
                       {'id': '0071301003', 'name': 'accounts 3  blank '},
                       {'id': '0071301004', 'name': 'accounts 4 line\u2028separator'},
                       {'id': '0071301005', 'name': 'accounts 5 007'},
                       {'id': '0071301006', 'name': 'accounts 6 null'},
                       {'id': '0071301007', 'name': 'accounts 7 %2F+%'},
                       {'id': '0071301008', 'name': 'accounts 8 two\r\nlines'},
                       {'id': '0071301009', 'name': 'accounts 9 Comma, "quote"'},
                       {'id': '0071301010', 'name': 'accounts 10 Ünïcödé 東京'},
                       {'id': '0071301011', 'name': 'accounts 11 <b>&amp;</b>'},
                       {'id': '0071301012', 'name': 'accounts 12  blank '},
                       {'id': '0071301013', 'name': 'accounts 13 line\u2028separator'},
                       {'id': '0071301014', 'name': 'accounts 14 007'},
                       {'id': '0071301015', 'name': 'accounts 15 null'},
                       {'id': '0071301016', 'name': 'accounts 16 %2F+%'},
                       {'id': '0071301017', 'name': 'accounts 17 two\r\nlines'},
                       {'id': '0071301018', 'name': 'accounts 18 Comma, "quote"'},
                       {'id': '0071301019', 'name': 'accounts 19 Ünïcödé 東京'},
                       {'id': '0071301020', 'name': 'accounts 20 <b>&amp;</b>'},
                       {'id': '0071301021', 'name': 'accounts 21  blank '},
                       {'id': '0071301022', 'name': 'accounts 22 line\u2028separator'}],
          'reportGroups': [{'accountId': '0071304265', 'id': 'channelsPremium', 'name': 'reportGroups 0 Comma, "quote"'},
                           {'accountId': '0071304265', 'id': 'channelsPre1001', 'name': 'reportGroups 1 Ünïcödé 東京'},
                           {'accountId': '0071304265', 'id': 'channelsPre1002', 'name': 'reportGroups 2 <b>&amp;</b>'},
                           {'accountId': '0071304265', 'id': 'channelsPre1003', 'name': 'reportGroups 3  blank '},
                           {'accountId': '0071304265', 'id': 'channelsPre1004', 'name': 'reportGroups 4 line\u2028separator'},
                           {'accountId': '0071304265', 'id': 'channelsPre1005', 'name': 'reportGroups 5 007'},
                           {'accountId': '0071304265', 'id': 'channelsPre1006', 'name': 'reportGroups 6 null'},
                           {'accountId': '0071304265', 'id': 'channelsPre1007', 'name': 'reportGroups 7 %2F+%'},
                           {'accountId': '0071304265', 'id': 'channelsPre1008', 'name': 'reportGroups 8 two\r\nlines'},
                           {'accountId': '0071304265', 'id': 'channelsPre1009', 'name': 'reportGroups 9 Comma, "quote"'},
                           {'accountId': '0071304265', 'id': 'channelsPre1010', 'name': 'reportGroups 10 Ünïcödé 東京'},
                           {'accountId': '0071304265', 'id': 'channelsPre1011', 'name': 'reportGroups 11 <b>&amp;</b>'}],
          'channels': [{'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'id': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'name': 'channels 0 Comma, "quote"', 'territory': 'US'},
                       {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'id': '5fb81476-88ca-370e-b158-7e3d04e01001', 'name': 'channels 1 Ünïcödé 東京', 'territory': 'DE'},
                       {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'id': '5fb81476-88ca-370e-b158-7e3d04e01002', 'name': 'channels 2 <b>&amp;</b>', 'territory': 'JP'},
                       {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'id': '5fb81476-88ca-370e-b158-7e3d04e01003', 'name': 'channels 3  blank ', 'territory': 'US'},
                       {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'id': '5fb81476-88ca-370e-b158-7e3d04e01004', 'name': 'channels 4 line\u2028separator', 'territory': 'DE'},
                       {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'id': '5fb81476-88ca-370e-b158-7e3d04e01005', 'name': 'channels 5 007', 'territory': 'JP'},
                       {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'id': '5fb81476-88ca-370e-b158-7e3d04e01006', 'name': 'channels 6 null', 'territory': 'US'},
                       {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'id': '5fb81476-88ca-370e-b158-7e3d04e01007', 'name': 'channels 7 %2F+%', 'territory': 'DE'},
                       {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'id': '5fb81476-88ca-370e-b158-7e3d04e01008', 'name': 'channels 8 two\r\nlines', 'territory': 'JP'},
                       {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'id': '5fb81476-88ca-370e-b158-7e3d04e01009', 'name': 'channels 9 Comma, "quote"', 'territory': 'US'},
                       {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'id': '5fb81476-88ca-370e-b158-7e3d04e01010', 'name': 'channels 10 Ünïcödé 東京', 'territory': 'DE'},
                       {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'id': '5fb81476-88ca-370e-b158-7e3d04e01011', 'name': 'channels 11 <b>&amp;</b>', 'territory': 'JP'},
                       {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'id': '5fb81476-88ca-370e-b158-7e3d04e01012', 'name': 'channels 12  blank ', 'territory': 'US'},
                       {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'id': '5fb81476-88ca-370e-b158-7e3d04e01013', 'name': 'channels 13 line\u2028separator', 'territory': 'DE'},
                       {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'id': '5fb81476-88ca-370e-b158-7e3d04e01014', 'name': 'channels 14 007', 'territory': 'JP'},
                       {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'id': '5fb81476-88ca-370e-b158-7e3d04e01015', 'name': 'channels 15 null', 'territory': 'US'},
                       {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'id': '5fb81476-88ca-370e-b158-7e3d04e01016', 'name': 'channels 16 %2F+%', 'territory': 'DE'},
                       {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'id': '5fb81476-88ca-370e-b158-7e3d04e01017', 'name': 'channels 17 two\r\nlines', 'territory': 'JP'},
                       {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'id': '5fb81476-88ca-370e-b158-7e3d04e01018', 'name': 'channels 18 Comma, "quote"', 'territory': 'US'},
                       {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'id': '5fb81476-88ca-370e-b158-7e3d04e01019', 'name': 'channels 19 Ünïcödé 東京', 'territory': 'DE'},
                       {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'id': '5fb81476-88ca-370e-b158-7e3d04e01020', 'name': 'channels 20 <b>&amp;</b>', 'territory': 'JP'}],
          'reportTypes': [{'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'id': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007', 'name': 'reportTypes 0 Comma, "quote"', 'cadence': 'Daily'},
                          {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'id': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f1001', 'name': 'reportTypes 1 Ünïcödé 東京', 'cadence': 'Weekly'},
                          {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'id': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f1002', 'name': 'reportTypes 2 <b>&amp;</b>', 'cadence': 'Monthly'},
                          {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'id': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f1003', 'name': 'reportTypes 3  blank ', 'cadence': 'Daily'},
                          {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'id': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f1004', 'name': 'reportTypes 4 line\u2028separator', 'cadence': 'Weekly'},
                          {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'id': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f1005', 'name': 'reportTypes 5 007', 'cadence': 'Monthly'},
                          {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'id': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f1006', 'name': 'reportTypes 6 null', 'cadence': 'Daily'},
                          {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'id': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f1007', 'name': 'reportTypes 7 %2F+%', 'cadence': 'Weekly'},
                          {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'id': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f1008', 'name': 'reportTypes 8 two\r\nlines', 'cadence': 'Monthly'},
                          {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'id': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f1009', 'name': 'reportTypes 9 Comma, "quote"', 'cadence': 'Daily'},
                          {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'id': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f1010', 'name': 'reportTypes 10 Ünïcödé 東京', 'cadence': 'Weekly'}],
          'reports': [{'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'reportTypeId': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007', 'name': 'First and Last VOD Title', 'cadence': 'Daily', 'reportDateBegin': '2026-02-26', 'reportDateEnd': '2026-02-26', 'modifiedDate': '2026-02-27T00:00:00.000Z', 'records': [], 'numRows': 0},
                      {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'reportTypeId': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007', 'name': 'First and Last VOD Title', 'cadence': 'Daily', 'reportDateBegin': '2026-02-25', 'reportDateEnd': '2026-02-25', 'modifiedDate': '2026-02-26T01:00:00.001Z', 'records': [{'Title': 'Comma, "quote"', 'Title ID': '000', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}], 'numRows': 1},
                      {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'reportTypeId': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007', 'name': 'First and Last VOD Title', 'cadence': 'Daily', 'reportDateBegin': '2026-02-24', 'reportDateEnd': '2026-02-24', 'modifiedDate': '2026-02-25T02:00:00.002Z', 'records': [{'Title': 'Comma, "quote"', 'Title ID': '000', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}, {'Title': 'Ünïcödé 東京', 'Title ID': '001', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}], 'numRows': 2},
                      {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'reportTypeId': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007', 'name': 'First and Last VOD Title', 'cadence': 'Daily', 'reportDateBegin': '2026-02-23', 'reportDateEnd': '2026-02-23', 'modifiedDate': '2026-02-24T03:00:00.003Z', 'records': [{'Title': 'Comma, "quote"', 'Title ID': '000', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}, {'Title': 'Ünïcödé 東京', 'Title ID': '001', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}, {'Title': '<b>&amp;</b>', 'Title ID': '002', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}], 'numRows': 3},
                      {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'reportTypeId': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007', 'name': 'First and Last VOD Title', 'cadence': 'Daily', 'reportDateBegin': '2026-02-22', 'reportDateEnd': '2026-02-22', 'modifiedDate': '2026-02-23T04:00:00.004Z', 'records': [], 'numRows': 0},
                      {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'reportTypeId': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007', 'name': 'First and Last VOD Title', 'cadence': 'Daily', 'reportDateBegin': '2026-02-21', 'reportDateEnd': '2026-02-21', 'modifiedDate': '2026-02-22T05:00:00.005Z', 'records': [{'Title': 'Comma, "quote"', 'Title ID': '000', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}], 'numRows': 1},
                      {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'reportTypeId': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007', 'name': 'First and Last VOD Title', 'cadence': 'Daily', 'reportDateBegin': '2026-02-20', 'reportDateEnd': '2026-02-20', 'modifiedDate': '2026-02-21T06:00:00.006Z', 'records': [{'Title': 'Comma, "quote"', 'Title ID': '000', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}, {'Title': 'Ünïcödé 東京', 'Title ID': '001', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}], 'numRows': 2},
                      {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'reportTypeId': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007', 'name': 'First and Last VOD Title', 'cadence': 'Daily', 'reportDateBegin': '2026-02-19', 'reportDateEnd': '2026-02-19', 'modifiedDate': '2026-02-20T07:00:00.007Z', 'records': [{'Title': 'Comma, "quote"', 'Title ID': '000', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}, {'Title': 'Ünïcödé 東京', 'Title ID': '001', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}, {'Title': '<b>&amp;</b>', 'Title ID': '002', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}], 'numRows': 3},
                      {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'reportTypeId': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007', 'name': 'First and Last VOD Title', 'cadence': 'Daily', 'reportDateBegin': '2026-02-18', 'reportDateEnd': '2026-02-18', 'modifiedDate': '2026-02-19T08:00:00.008Z', 'records': [], 'numRows': 0},
                      {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'reportTypeId': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007', 'name': 'First and Last VOD Title', 'cadence': 'Daily', 'reportDateBegin': '2026-02-17', 'reportDateEnd': '2026-02-17', 'modifiedDate': '2026-02-18T09:00:00.009Z', 'records': [{'Title': 'Comma, "quote"', 'Title ID': '000', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}], 'numRows': 1},
                      {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'reportTypeId': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007', 'name': 'First and Last VOD Title', 'cadence': 'Daily', 'reportDateBegin': '2026-02-16', 'reportDateEnd': '2026-02-16', 'modifiedDate': '2026-02-17T00:00:00.010Z', 'records': [{'Title': 'Comma, "quote"', 'Title ID': '000', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}, {'Title': 'Ünïcödé 東京', 'Title ID': '001', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}], 'numRows': 2},
                      {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'reportTypeId': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007', 'name': 'First and Last VOD Title', 'cadence': 'Daily', 'reportDateBegin': '2026-02-15', 'reportDateEnd': '2026-02-15', 'modifiedDate': '2026-02-16T01:00:00.011Z', 'records': [{'Title': 'Comma, "quote"', 'Title ID': '000', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}, {'Title': 'Ünïcödé 東京', 'Title ID': '001', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}, {'Title': '<b>&amp;</b>', 'Title ID': '002', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}], 'numRows': 3},
                      {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'reportTypeId': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007', 'name': 'First and Last VOD Title', 'cadence': 'Daily', 'reportDateBegin': '2026-02-14', 'reportDateEnd': '2026-02-14', 'modifiedDate': '2026-02-15T02:00:00.012Z', 'records': [], 'numRows': 0},
                      {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'reportTypeId': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007', 'name': 'First and Last VOD Title', 'cadence': 'Daily', 'reportDateBegin': '2026-02-13', 'reportDateEnd': '2026-02-13', 'modifiedDate': '2026-02-14T03:00:00.013Z', 'records': [{'Title': 'Comma, "quote"', 'Title ID': '000', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}], 'numRows': 1},
                      {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'reportTypeId': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007', 'name': 'First and Last VOD Title', 'cadence': 'Daily', 'reportDateBegin': '2026-02-12', 'reportDateEnd': '2026-02-12', 'modifiedDate': '2026-02-13T04:00:00.014Z', 'records': [{'Title': 'Comma, "quote"', 'Title ID': '000', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}, {'Title': 'Ünïcödé 東京', 'Title ID': '001', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}], 'numRows': 2},
                      {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'reportTypeId': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007', 'name': 'First and Last VOD Title', 'cadence': 'Daily', 'reportDateBegin': '2026-02-11', 'reportDateEnd': '2026-02-11', 'modifiedDate': '2026-02-12T05:00:00.015Z', 'records': [{'Title': 'Comma, "quote"', 'Title ID': '000', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}, {'Title': 'Ünïcödé 東京', 'Title ID': '001', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}, {'Title': '<b>&amp;</b>', 'Title ID': '002', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}], 'numRows': 3},
                      {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'reportTypeId': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007', 'name': 'First and Last VOD Title', 'cadence': 'Daily', 'reportDateBegin': '2026-02-10', 'reportDateEnd': '2026-02-10', 'modifiedDate': '2026-02-11T06:00:00.016Z', 'records': [], 'numRows': 0},
                      {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'reportTypeId': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007', 'name': 'First and Last VOD Title', 'cadence': 'Daily', 'reportDateBegin': '2026-02-09', 'reportDateEnd': '2026-02-09', 'modifiedDate': '2026-02-10T07:00:00.017Z', 'records': [{'Title': 'Comma, "quote"', 'Title ID': '000', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}], 'numRows': 1},
                      {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'reportTypeId': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007', 'name': 'First and Last VOD Title', 'cadence': 'Daily', 'reportDateBegin': '2026-02-08', 'reportDateEnd': '2026-02-08', 'modifiedDate': '2026-02-09T08:00:00.018Z', 'records': [{'Title': 'Comma, "quote"', 'Title ID': '000', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}, {'Title': 'Ünïcödé 東京', 'Title ID': '001', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}], 'numRows': 2},
                      {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'reportTypeId': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007', 'name': 'First and Last VOD Title', 'cadence': 'Daily', 'reportDateBegin': '2026-02-07', 'reportDateEnd': '2026-02-07', 'modifiedDate': '2026-02-08T09:00:00.019Z', 'records': [{'Title': 'Comma, "quote"', 'Title ID': '000', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}, {'Title': 'Ünïcödé 東京', 'Title ID': '001', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}, {'Title': '<b>&amp;</b>', 'Title ID': '002', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}], 'numRows': 3},
                      {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'reportTypeId': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007', 'name': 'First and Last VOD Title', 'cadence': 'Daily', 'reportDateBegin': '2026-02-06', 'reportDateEnd': '2026-02-06', 'modifiedDate': '2026-02-07T00:00:00.020Z', 'records': [], 'numRows': 0},
                      {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'reportTypeId': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007', 'name': 'First and Last VOD Title', 'cadence': 'Daily', 'reportDateBegin': '2026-02-05', 'reportDateEnd': '2026-02-05', 'modifiedDate': '2026-02-06T01:00:00.021Z', 'records': [{'Title': 'Comma, "quote"', 'Title ID': '000', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}], 'numRows': 1},
                      {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'reportTypeId': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007', 'name': 'First and Last VOD Title', 'cadence': 'Daily', 'reportDateBegin': '2026-02-04', 'reportDateEnd': '2026-02-04', 'modifiedDate': '2026-02-05T02:00:00.022Z', 'records': [{'Title': 'Comma, "quote"', 'Title ID': '000', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}, {'Title': 'Ünïcödé 東京', 'Title ID': '001', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}], 'numRows': 2},
                      {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'reportTypeId': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007', 'name': 'First and Last VOD Title', 'cadence': 'Daily', 'reportDateBegin': '2026-02-03', 'reportDateEnd': '2026-02-03', 'modifiedDate': '2026-02-04T03:00:00.023Z', 'records': [{'Title': 'Comma, "quote"', 'Title ID': '000', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}, {'Title': 'Ünïcödé 東京', 'Title ID': '001', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}, {'Title': '<b>&amp;</b>', 'Title ID': '002', 'Minutes Streamed': '12.50', 'Royalty Amount': '0.10'}], 'numRows': 3},
                      {'accountId': '0071304265', 'reportGroupId': 'channelsPremium', 'channelId': '5fb81476-88ca-370e-b158-7e3d04e0a75e', 'reportTypeId': 'amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007', 'name': 'First and Last VOD Title', 'cadence': 'Daily', 'reportDateBegin': '2026-02-02', 'reportDateEnd': '2026-02-02', 'modifiedDate': '2026-02-03T04:00:00.024Z', 'records': [], 'numRows': 0}]},
 'faults': (),
 'now': '2026-03-02T12:00:00Z',
 'seed': 1729,
 'profile': 'empty',
 'dialect': 'documented',
 'readings': {},
 'grants': {}}


def client_under_test(operation, arguments, env):
    """Carry out one operation with your client and return what it returns; `env` has its addresses and credentials."""
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


def test_int_01_list_reports(world, capfd):
    tried(world)
    assert sent(world) != [['GET', '/videocentral/apis/v1/accounts/0071304265/channelsPremium/5fb81476-88ca-370e-b158-7e3d04e0a75e/reportTypes/amzn1.vcpa.arcs.insight.8ff7afff-2099-47fd-a58c-fc8de96f0007/reports', 'modifiedDateGte=2026-02-15&limit=50&offset=0', 'authorization']]
