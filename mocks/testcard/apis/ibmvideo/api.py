"""The operations of the contract, one method each: parameters in, an answer out of the modules beside this one.

What needs numpy is imported when it is first called for, since a server must start without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from testcard.apis.ibmvideo import refusals, times, tokens
from testcard.apis.ibmvideo.bounds import objections
from testcard.apis.ibmvideo.envelope import Page, link_to, page_of
from testcard.apis.ibmvideo.tables import SEGMENTS
from testcard.apis.ibmvideo.times import Moment
from testcard.exchange import Api, Call, Problem, Refused, Reply, Request, heavy
from testcard.world.credentials import Holder
from testcard.world.rows import Table
from testcard.world.world import World

__all__ = ["IbmVideo"]


class IbmVideo(Api):
    """IBM Video Streaming Analytics, and the platform's token service."""

    name = tokens.NAME
    contract = "ibmvideo"
    formats: ClassVar[Mapping[str, Callable[[str], Any]]] = {"ibm-date-time": times.parse}
    tables: ClassVar[Mapping[str, Table]] = {SEGMENTS.name: SEGMENTS}
    token_operations: ClassVar[frozenset[str]] = frozenset({"request_token"})

    def open(self, world: World) -> None:
        """One customer, who sees everything."""
        tokens.add_customer(world, "customer", {})

    def identify(self, request: Request) -> Iterable[str]:
        """The secrets in the Authorization header or in a form."""
        return tokens.secrets(request)

    def authenticate(self, call: Call) -> Holder | None:
        """Say whose JWT it is."""
        return tokens.authenticate(call)

    def refuse(self, refused: Refused, call: Call) -> Reply:
        """Put a refusal into the vendor's words."""
        return refusals.refuse(refused, call)

    def objections(self, call: Call, arguments: Mapping[str, Any]) -> Iterable[Problem]:
        """The bounds of a period that a reading does not take."""
        return objections(call, arguments)

    def page_of(self, query: Mapping[str, list[str]]) -> int:
        """The number in ``_page``."""
        return page_of(query)

    def relink(self, call: Call, data: Any, page: int) -> bool:
        """Turn the next link of a list to another page of it."""
        links = data.get("pagination") if isinstance(data, dict) else None
        if not links or not links.get("next"):
            return False
        links["next"] = link_to(call, page)
        return True

    def environment(self, world: World, holder: Holder, root: str) -> Mapping[str, str]:
        """Base address, token address, client and a JWT that is good now."""
        client = next(world.credentials.of(self.name, "client", holder.name))
        return {
            "URL": f"{root}/ibmvideo/v1",
            "TOKEN_URL": f"{root}/ibmvideo/oauth2/token",
            "CLIENT_ID": client.data["client_id"],
            "CLIENT_SECRET": client.secret,
            "TOKEN": tokens.current_token(world, holder.name),
        }

    def grant(self, world: World, name: str, grants: Mapping[str, Any]) -> Holder:
        """Add a customer who sees the ``channels`` of *grants* only (numbers, or the story's slugs)."""
        return tokens.add_customer(world, name, grants)

    def regenerate(self, world: World, secret: str) -> str:
        """Issue a JWT in place of one, which dies."""
        return tokens.replace_token(world, secret)

    @heavy
    def list_viewers(
        self,
        call: Call,
        *,
        viewer_identifier: str | None,
        date_time_from: Moment | None,
        date_time_to: Moment | None,
        list_unfinished_segments: bool,
        page: int,
        limit: int,
    ) -> Reply:
        """Every viewer of the history, by identifier. Source: document 003, List of the unique viewers."""
        bounds = (date_time_from, date_time_to)
        return _viewers(call, {}, viewer_identifier, bounds, list_unfinished_segments, Page(page, limit))

    @heavy
    def list_viewers_of_type(
        self,
        call: Call,
        *,
        content_type: str,
        content_id: Sequence[int] | None,
        viewer_identifier: str | None,
        date_time_from: Moment | None,
        date_time_to: Moment | None,
        list_unfinished_segments: bool,
        page: int,
        limit: int,
    ) -> Reply:
        """The viewers of live or of recorded contents. Source: document 003, the same for a content type."""
        wanted = {"content_type": content_type, "content_id": content_id}
        bounds = (date_time_from, date_time_to)
        return _viewers(call, wanted, viewer_identifier, bounds, list_unfinished_segments, Page(page, limit))

    @heavy
    def list_views(
        self,
        call: Call,
        *,
        date_time_from: Moment,
        date_time_to: Moment,
        list_unfinished_segments: bool,
        inclusive_range: bool,
        page: int,
        limit: int,
    ) -> Reply:
        """Every segment of a period, by begin. Source: document 003, Raw view export."""
        flags = (list_unfinished_segments, inclusive_range)
        return _views(call, {}, (date_time_from, date_time_to), flags, Page(page, limit))

    @heavy
    def list_views_of_type(
        self,
        call: Call,
        *,
        content_type: str,
        content_id: Sequence[int] | None,
        date_time_from: Moment,
        date_time_to: Moment,
        list_unfinished_segments: bool,
        inclusive_range: bool,
        page: int,
        limit: int,
    ) -> Reply:
        """The segments of live or of recorded contents. Source: document 003, Raw view export of a content type."""
        wanted = {"content_type": content_type, "content_id": content_id}
        flags = (list_unfinished_segments, inclusive_range)
        return _views(call, wanted, (date_time_from, date_time_to), flags, Page(page, limit))

    def authorize(
        self, call: Call, *, response_type: str, client_id: str, redirect_uri: str, state: str | None
    ) -> Reply:
        """Consent at once. Source: fact I1."""
        del response_type  # the contract knows one
        return tokens.authorize(call, client_id, redirect_uri, state)

    def request_token(self, call: Call, *, body: Mapping[str, str]) -> Reply:
        """A pair of tokens. Source: document 003, Obtaining the Access token; facts I1 to I6."""
        return tokens.request(call, body)

    def revoke_token(self, call: Call, *, body: Mapping[str, str]) -> Reply:
        """200, whatever the token was. Source: fact I1."""
        return tokens.revoke(call, body["token"])

    @heavy
    def list_views_of_channels(
        self,
        call: Call,
        *,
        channel_id: Sequence[int],
        date_time_from: Moment,
        date_time_to: Moment,
        list_unfinished_segments: bool,
        inclusive_range: bool,
        page: int,
        limit: int,
    ) -> Reply:
        """The segments of the recordings of some channels. Source: fact I22."""
        wanted = {"content_type": "recorded", "channel_id": channel_id}
        flags = (list_unfinished_segments, inclusive_range)
        return _views(call, wanted, (date_time_from, date_time_to), flags, Page(page, limit))

    @heavy
    def get_total_views_summary(
        self, call: Call, *, date_time_from: Moment, date_time_to: Moment, page: int, limit: int
    ) -> dict[str, Any]:
        """Views of a period. Source: facts I26 and I29."""
        bounds = (date_time_from, date_time_to)
        return _whole(call, "total_views", {}, bounds, Page(page, limit))

    @heavy
    def list_total_views(
        self, call: Call, *, dimension: str, date_time_from: Moment, date_time_to: Moment, page: int, limit: int
    ) -> dict[str, Any]:
        """Views by a dimension. Source: facts I26 and I30."""
        bounds = (date_time_from, date_time_to)
        return _breakdown(call, "total_views", {}, dimension, bounds, Page(page, limit))

    @heavy
    def get_total_views_summary_of_type(
        self, call: Call, *, content_type: str, date_time_from: Moment, date_time_to: Moment, page: int, limit: int
    ) -> dict[str, Any]:
        """Views of a content type. Source: facts I29 and I30."""
        wanted = {"content_type": content_type}
        bounds = (date_time_from, date_time_to)
        return _whole(call, "total_views", wanted, bounds, Page(page, limit))

    @heavy
    def list_total_views_of_type(
        self,
        call: Call,
        *,
        content_type: str,
        dimension: str,
        content_id: Sequence[int] | None,
        date_time_from: Moment,
        date_time_to: Moment,
        page: int,
        limit: int,
    ) -> dict[str, Any]:
        """Views of a content type by a dimension. Source: facts I26 and I30."""
        wanted = {"content_type": content_type, "content_id": content_id}
        bounds = (date_time_from, date_time_to)
        return _breakdown(call, "total_views", wanted, dimension, bounds, Page(page, limit))

    @heavy
    def get_unique_devices_summary(
        self, call: Call, *, date_time_from: Moment, date_time_to: Moment, page: int, limit: int
    ) -> dict[str, Any]:
        """Distinct client ids of a period. Source: facts I26 and I29."""
        bounds = (date_time_from, date_time_to)
        return _whole(call, "unique_devices", {}, bounds, Page(page, limit))

    @heavy
    def list_unique_devices(
        self, call: Call, *, dimension: str, date_time_from: Moment, date_time_to: Moment, page: int, limit: int
    ) -> dict[str, Any]:
        """Distinct client ids by a dimension. Source: facts I26 and I30."""
        bounds = (date_time_from, date_time_to)
        return _breakdown(call, "unique_devices", {}, dimension, bounds, Page(page, limit))

    @heavy
    def get_unique_devices_summary_of_type(
        self, call: Call, *, content_type: str, date_time_from: Moment, date_time_to: Moment, page: int, limit: int
    ) -> dict[str, Any]:
        """Distinct client ids of a content type. Source: facts I29 and I30."""
        wanted = {"content_type": content_type}
        bounds = (date_time_from, date_time_to)
        return _whole(call, "unique_devices", wanted, bounds, Page(page, limit))

    @heavy
    def list_unique_devices_of_type(
        self,
        call: Call,
        *,
        content_type: str,
        dimension: str,
        content_id: Sequence[int] | None,
        date_time_from: Moment,
        date_time_to: Moment,
        page: int,
        limit: int,
    ) -> dict[str, Any]:
        """Distinct client ids of a content type by a dimension. Source: facts I26 and I30."""
        wanted = {"content_type": content_type, "content_id": content_id}
        bounds = (date_time_from, date_time_to)
        return _breakdown(call, "unique_devices", wanted, dimension, bounds, Page(page, limit))

    @heavy
    def get_authenticated_viewers_summary(
        self, call: Call, *, date_time_from: Moment, date_time_to: Moment, page: int, limit: int
    ) -> dict[str, Any]:
        """Distinct viewer identifiers of a period. Source: facts I26 and I29."""
        bounds = (date_time_from, date_time_to)
        return _whole(call, "authenticated_viewers", {}, bounds, Page(page, limit))

    @heavy
    def list_authenticated_viewers(
        self, call: Call, *, dimension: str, date_time_from: Moment, date_time_to: Moment, page: int, limit: int
    ) -> dict[str, Any]:
        """Distinct viewer identifiers by a dimension. Source: facts I26 and I30."""
        bounds = (date_time_from, date_time_to)
        return _breakdown(call, "authenticated_viewers", {}, dimension, bounds, Page(page, limit))

    @heavy
    def get_authenticated_viewers_summary_of_type(
        self, call: Call, *, content_type: str, date_time_from: Moment, date_time_to: Moment, page: int, limit: int
    ) -> dict[str, Any]:
        """Distinct viewer identifiers of a content type. Source: facts I29 and I30."""
        wanted = {"content_type": content_type}
        bounds = (date_time_from, date_time_to)
        return _whole(call, "authenticated_viewers", wanted, bounds, Page(page, limit))

    @heavy
    def list_authenticated_viewers_of_type(
        self,
        call: Call,
        *,
        content_type: str,
        dimension: str,
        content_id: Sequence[int] | None,
        date_time_from: Moment,
        date_time_to: Moment,
        page: int,
        limit: int,
    ) -> dict[str, Any]:
        """Distinct viewer identifiers of a content type by a dimension. Source: facts I26 and I30."""
        wanted = {"content_type": content_type, "content_id": content_id}
        bounds = (date_time_from, date_time_to)
        return _breakdown(call, "authenticated_viewers", wanted, dimension, bounds, Page(page, limit))

    @heavy
    def list_peak_viewer_numbers(
        self,
        call: Call,
        *,
        date_time_from: Moment,
        date_time_to: Moment,
        granularity: str | None,
        page: int,
        limit: int,
    ) -> dict[str, Any]:
        """The most segments that run at once, by content and step. Source: facts I27 and I28."""
        bounds = (date_time_from, date_time_to)
        return _over_time(call, "peak", {}, granularity, bounds, Page(page, limit))

    @heavy
    def list_peak_viewer_numbers_of_type(
        self,
        call: Call,
        *,
        content_type: str,
        content_id: Sequence[int] | None,
        date_time_from: Moment,
        date_time_to: Moment,
        granularity: str | None,
        page: int,
        limit: int,
    ) -> dict[str, Any]:
        """The most segments that run at once, of a content type. Source: facts I27 and I28."""
        wanted = {"content_type": content_type, "content_id": content_id}
        bounds = (date_time_from, date_time_to)
        return _over_time(call, "peak", wanted, granularity, bounds, Page(page, limit))

    @heavy
    def list_peak_viewer_numbers_of_channels(
        self,
        call: Call,
        *,
        channel_id: Sequence[int],
        date_time_from: Moment,
        date_time_to: Moment,
        granularity: str | None,
        page: int,
        limit: int,
    ) -> dict[str, Any]:
        """The most segments that run at once, of the recordings of some channels. Source: facts I22 and I27."""
        wanted = {"content_type": "recorded", "channel_id": channel_id}
        bounds = (date_time_from, date_time_to)
        return _over_time(call, "peak", wanted, granularity, bounds, Page(page, limit))

    @heavy
    def get_peak_viewer_numbers_summary(
        self, call: Call, *, content_type: str, content_id: int, date_time_from: Moment, date_time_to: Moment
    ) -> dict[str, Any]:
        """The most segments that run at once, of one content over the whole period. Source: fact I28."""
        wanted = {"content_type": content_type, "content_id": [content_id]}
        return _whole_of_content(call, "peak", wanted, (date_time_from, date_time_to))

    @heavy
    def list_viewer_seconds(
        self,
        call: Call,
        *,
        date_time_from: Moment,
        date_time_to: Moment,
        granularity: str | None,
        page: int,
        limit: int,
    ) -> dict[str, Any]:
        """Seconds watched, by content and step. Source: facts I27 and I28."""
        bounds = (date_time_from, date_time_to)
        return _over_time(call, "seconds", {}, granularity, bounds, Page(page, limit))

    @heavy
    def list_viewer_seconds_of_type(
        self,
        call: Call,
        *,
        content_type: str,
        content_id: Sequence[int] | None,
        date_time_from: Moment,
        date_time_to: Moment,
        granularity: str | None,
        page: int,
        limit: int,
    ) -> dict[str, Any]:
        """Seconds watched, of a content type. Source: facts I27 and I28."""
        wanted = {"content_type": content_type, "content_id": content_id}
        bounds = (date_time_from, date_time_to)
        return _over_time(call, "seconds", wanted, granularity, bounds, Page(page, limit))

    @heavy
    def list_viewer_seconds_of_channels(
        self,
        call: Call,
        *,
        channel_id: Sequence[int],
        date_time_from: Moment,
        date_time_to: Moment,
        granularity: str | None,
        page: int,
        limit: int,
    ) -> dict[str, Any]:
        """Seconds watched, of the recordings of some channels. Source: facts I22 and I27."""
        wanted = {"content_type": "recorded", "channel_id": channel_id}
        bounds = (date_time_from, date_time_to)
        return _over_time(call, "seconds", wanted, granularity, bounds, Page(page, limit))

    @heavy
    def get_viewer_seconds_summary(
        self, call: Call, *, content_type: str, content_id: int, date_time_from: Moment, date_time_to: Moment
    ) -> dict[str, Any]:
        """Seconds watched, of one content over the whole period. Source: fact I28."""
        wanted = {"content_type": content_type, "content_id": [content_id]}
        return _whole_of_content(call, "seconds", wanted, (date_time_from, date_time_to))


def _viewers(call: Call, wanted: Mapping[str, Any], *rest: Any) -> Reply:
    from testcard.apis.ibmvideo.asking import filter_of
    from testcard.apis.ibmvideo.lists import viewers_page

    return viewers_page(call, filter_of(call, **wanted), *rest)


def _views(call: Call, wanted: Mapping[str, Any], *rest: Any) -> Reply:
    from testcard.apis.ibmvideo.asking import filter_of
    from testcard.apis.ibmvideo.lists import views_page

    return views_page(call, filter_of(call, **wanted), *rest)


def _whole(call: Call, metric: str, wanted: Mapping[str, Any], *rest: Any) -> dict[str, Any]:
    from testcard.apis.ibmvideo.asking import filter_of
    from testcard.apis.ibmvideo.siblings import whole

    return whole(call, metric, filter_of(call, **wanted), *rest)


def _breakdown(call: Call, metric: str, wanted: Mapping[str, Any], *rest: Any) -> dict[str, Any]:
    from testcard.apis.ibmvideo.asking import filter_of
    from testcard.apis.ibmvideo.siblings import breakdown

    return breakdown(call, metric, filter_of(call, **wanted), *rest)


def _over_time(call: Call, metric: str, wanted: Mapping[str, Any], *rest: Any) -> dict[str, Any]:
    from testcard.apis.ibmvideo.asking import filter_of
    from testcard.apis.ibmvideo.siblings import over_time

    return over_time(call, metric, filter_of(call, **wanted), *rest)


def _whole_of_content(call: Call, metric: str, wanted: Mapping[str, Any], *rest: Any) -> dict[str, Any]:
    from testcard.apis.ibmvideo.asking import filter_of
    from testcard.apis.ibmvideo.siblings import whole_of_content

    return whole_of_content(call, metric, filter_of(call, **wanted), *rest)
