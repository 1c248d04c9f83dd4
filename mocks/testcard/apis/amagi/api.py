"""The eight operations of document 001.

Reads the parameters and leaves the counting to `testcard.apis.amagi.answers`, which is imported with numpy when the
first question is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, ClassVar

from testcard.apis.amagi import customers, questions, refusals
from testcard.apis.amagi.catalogue import open_catalogue
from testcard.apis.amagi.tables import TABLES
from testcard.exchange import Api, Call, Refused, Reply, Request, heavy
from testcard.world.credentials import Holder
from testcard.world.rows import Table
from testcard.world.world import World

__all__ = ["Amagi"]

_UNITS = {"HOURLY": "hour", "DAILY": "day", "WEEKLY": "week", "MONTHLY": "month"}
_FINER = {"DAILY": "hour", "WEEKLY": "day", "MONTHLY": "day"}
Values = list[str] | None


class Amagi(Api):
    """Amagi Analytics."""

    name: ClassVar[str] = customers.API
    contract: ClassVar[str] = customers.API
    tables: ClassVar[Mapping[str, Table]] = TABLES

    def open(self, world: World) -> None:
        """The broadcaster, with a token and all its channels."""
        customers.add_customer(world, customers.main_customer()["name"], {})

    def identify(self, request: Request) -> Iterable[str]:
        """The personal access token."""
        secret = request.header(customers.HEADER).strip().lower()
        return (secret,) if secret else ()

    def authenticate(self, call: Call) -> Holder:
        """401, or 403 under the observed dialect: document 001, section 5."""
        return customers.authenticate(call)

    def refuse(self, refused: Refused, call: Call) -> Reply:
        """A request of no kind is refused for its token first, like any other."""
        if refused.code == "invalid-request" and call.operation is None:
            try:
                customers.authenticate(call)
            except Refused as unknown:
                refused = unknown
        return refusals.render(refused)

    def environment(self, world: World, holder: Holder, root: str) -> Mapping[str, str]:
        """The address that all kinds share, and the token."""
        return {"URL": f"{root}/amagi/api/v2", "TOKEN": customers.token_of(world, holder)}

    def grant(self, world: World, name: str, grants: Mapping[str, Any]) -> Holder:
        """A further customer: ``channels`` (ids) and ``epg`` narrow what it sees."""
        return customers.add_customer(world, name, grants)

    def regenerate(self, world: World, secret: str) -> str:
        """As the dashboard's button does: the old token dies."""
        return customers.regenerate(world, secret)

    @heavy
    def get_viewership_analytics(
        self, call: Call, *, type: str, start_date: date, end_date: date, interval: str, start_time: str | None,  # noqa: A002
        end_time: str | None, channel_id: Values, customer_id: str | None, city: Values, country: Values,
        device_name: Values, device_type: Values, studio_name: Values, content_id: Values, timezone: str,
    ) -> Reply:  # fmt: skip
        """Viewers, sessions and minutes per day or hour. Document 001, 5.1."""
        from testcard.apis.amagi import answers

        catalogue, filters = questions.ask(
            call, channel_id=channel_id, customer_id=customer_id, city=city, country=country, device_name=device_name,
            device_type=device_type, studio_name=studio_name, content_id=content_id,
        )  # fmt: skip
        asked = questions.period(call, start_date, end_date, timezone, _UNITS[interval], start_time, end_time)
        return refusals.reply(answers.viewership_analytics(call, catalogue, filters, asked, interval))

    @heavy
    def get_content_analytics(
        self, call: Call, *, type: str, start_date: date, end_date: date, interval: str, start_time: str | None,  # noqa: A002
        end_time: str | None, page: int | None, limit: int | None, channel_id: Values, customer_id: str | None,
        city: Values, country: Values, device_name: Values, device_type: Values, studio_name: Values,
        content_id: Values, timezone: str,
    ) -> Reply:  # fmt: skip
        """Viewers, sessions and minutes per content. Document 001, 5.2."""
        from testcard.apis.amagi import answers

        catalogue, filters = questions.ask(
            call, channel_id=channel_id, customer_id=customer_id, city=city, country=country, device_name=device_name,
            device_type=device_type, studio_name=studio_name, content_id=content_id,
        )  # fmt: skip
        unit = _UNITS[interval] if call.reading("AM-47") == "rows-per-hour" else "day"
        asked = questions.period(call, start_date, end_date, timezone, unit, start_time, end_time)
        shown = questions.read_page(call, page, limit)
        return refusals.reply(answers.content_analytics(call, catalogue, filters, asked, shown))

    @heavy
    def get_concurrent_users(
        self, call: Call, *, type: str, hours_limit: int, channel_id: Values, customer_id: str | None,  # noqa: A002
    ) -> Reply:  # fmt: skip
        """Viewers at the same time, minute by minute, in UTC. Document 001, 5.3; ledger AM-52."""
        from testcard.apis.amagi import answers

        if hours_limit not in (1, 12, 24) and call.reading("AM-52") == "listed":
            raise refusals.bad(
                "hoursLimit", str(hours_limit), f"{hours_limit} is not one of 1, 12, 24", "1", "12", "24"
            )
        catalogue, filters = questions.ask(call, channel_id=channel_id, customer_id=customer_id)
        return refusals.reply(answers.concurrent_users(call, catalogue, filters, hours_limit))

    @heavy
    def get_ad_analytics(
        self, call: Call, *, type: str, start_date: date, end_date: date, channel_id: Values,  # noqa: A002
        customer_id: str | None, city: Values, country: Values, device_name: Values, device_type: Values,
        studio_name: Values, content_id: Values, ad_tag: Values, timezone: str,
    ) -> Reply:  # fmt: skip
        """From opportunities to impressions, per day. Document 001, 5.4."""
        from testcard.apis.amagi import answers

        catalogue, filters = questions.ask(
            call, channel_id=channel_id, customer_id=customer_id, city=city, country=country, device_name=device_name,
            device_type=device_type, studio_name=studio_name, content_id=content_id, ad_tag=ad_tag,
        )  # fmt: skip
        asked = questions.period(call, start_date, end_date, timezone, "day")
        return refusals.reply(answers.ad_analytics(call, catalogue, filters, asked))

    @heavy
    def get_ad_content_analytics(
        self, call: Call, *, type: str, start_date: date, end_date: date, page: int | None,  # noqa: A002
        limit: int | None, channel_id: Values, customer_id: str | None, city: Values, country: Values,
        device_name: Values, device_type: Values, studio_name: Values, content_id: Values, ad_tag: Values,
        timezone: str,
    ) -> Reply:  # fmt: skip
        """From opportunities to impressions, per content. Document 001, 5.5."""
        from testcard.apis.amagi import answers

        catalogue, filters = questions.ask(
            call, channel_id=channel_id, customer_id=customer_id, city=city, country=country, device_name=device_name,
            device_type=device_type, studio_name=studio_name, content_id=content_id, ad_tag=ad_tag,
        )  # fmt: skip
        asked = questions.period(call, start_date, end_date, timezone, "day")
        shown = questions.read_page(call, page, limit)
        return refusals.reply(answers.ad_content_analytics(call, catalogue, filters, asked, shown))

    @heavy
    def get_unique_viewers_analytics(
        self, call: Call, *, type: str, start_date: date, end_date: date, interval: str, channel_id: Values,  # noqa: A002
        customer_id: str | None, timezone: str,
    ) -> Reply:  # fmt: skip
        """Distinct viewers of days, weeks or months. Document 001, 5.6; ledger AM-63, AM-65."""
        from testcard.apis.amagi import answers

        catalogue, filters = questions.ask(call, channel_id=channel_id, customer_id=customer_id)
        units = _FINER if call.reading("AM-63") == "one-finer" else _UNITS
        days = questions.period(call, start_date, end_date, timezone, "day")  # no times are asked for, so none count
        asked = replace(days, unit=units[interval])
        return refusals.reply(answers.unique_viewers_analytics(call, catalogue, filters, asked, interval))

    def list_channels(self, call: Call, *, type: str) -> Reply:  # noqa: A002
        """The channels of the token, and those with advertising. Document 001, 5.7; ledger AM-68, AM-69."""
        channels = open_catalogue(call.world).visible(call.holder or Holder(self.name, ""))
        entries = [({"channelName": each.name, "channelId": each.id}, each.ads) for each in channels]
        return refusals.reply({
            "viewershipChannels": [entry for entry, _ in entries],
            "adAnalyticsChannels": [entry for entry, ads in entries if ads],
        })  # fmt: skip

    @heavy
    def download_report(self, call: Call, *, schedule_id: str, from_date: date) -> Reply:
        """The file of one period of a schedule. Document 001, 6.1.1."""
        from testcard.apis.amagi import reports

        return Reply.raw(
            reports.download(call, schedule_id, from_date), "text/csv", Content_Type="text/csv; charset=utf-8"
        )
