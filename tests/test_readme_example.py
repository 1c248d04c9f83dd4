"""The example of the README, section "Testing with pytest"."""

import pytest
import requests


@pytest.mark.testcard(profile="empty", now="2026-03-01T12:00:00Z")
def test_a_busy_service_is_asked_again(testcard):
    testcard.rows["videocentral/accounts"].put([{"id": "1", "name": "One"}, {"id": "2", "name": "Two"}])
    busy = testcard.faults.add("status", status=503, api="videocentral", when={"first": 1})

    assert my_accounts(testcard.videocentral.url, testcard.videocentral.token) == ["One", "Two"]
    busy.assert_fired(1)


@pytest.mark.testcard(dialects=["documented", "observed"], weathers=["calm", "maintenance"])
def test_a_client_says_so_when_it_cannot(testcard):
    try:
        my_accounts(testcard.videocentral.url, testcard.videocentral.token)
    except requests.HTTPError as error:
        assert error.response.status_code == 503


def my_accounts(url, token):
    """A client under test."""
    for _ in range(3):
        answer = requests.get(f"{url}/accounts?limit=50", headers={"Authorization": f"Bearer {token}"}, timeout=10)
        if answer.status_code != 503:
            break
    answer.raise_for_status()
    return [account["name"] for account in answer.json()["data"]]
