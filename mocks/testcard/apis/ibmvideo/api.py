"""The operations of the contract, one method each: parameters in, an answer out of the modules beside this one.

What needs numpy is imported when it is first called for, since a server must start without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from testcard.apis.ibmvideo import refusals, times, tokens
from testcard.apis.ibmvideo.bounds import objections
from testcard.apis.ibmvideo.envelope import link_to, page_of
from testcard.apis.ibmvideo.query import Query
from testcard.apis.ibmvideo.tables import SEGMENTS
from testcard.exchange import Api, Call, Problem, Refused, Reply, Request, heavy
from testcard.world.credentials import Holder
from testcard.world.rows import Table
from testcard.world.world import World

__all__ = ["IbmVideo"]


def _sibling(answer: str, metric: str, **given: Any) -> Callable[..., dict[str, Any]]:
    """A handler that has ``siblings`` give that answer."""

    @heavy
    def handler(_self: Api, call: Call, **asked: Any) -> dict[str, Any]:
        from testcard.apis.ibmvideo import siblings

        answered: dict[str, Any] = getattr(siblings, answer)(call, metric, Query(**given, **asked))
        return answered

    return handler


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
    def list_viewers(self, call: Call, **asked: Any) -> Reply:
        """Viewers by identifier, of the whole history. Source: document 003, List of the unique viewers (both)."""
        from testcard.apis.ibmvideo.lists import viewers_page

        return viewers_page(call, Query(**asked))

    list_viewers_of_type = list_viewers

    @heavy
    def list_views(self, call: Call, **asked: Any) -> Reply:
        """The segments of a period, by begin. Source: document 003, Raw view export (both)."""
        from testcard.apis.ibmvideo.lists import views_page

        return views_page(call, Query(**asked))

    list_views_of_type = list_views

    @heavy
    def list_views_of_channels(self, call: Call, **asked: Any) -> Reply:
        """The segments of the recordings of some channels. Source: fact I22."""
        from testcard.apis.ibmvideo.lists import views_page

        return views_page(call, Query(content_type="recorded", **asked))

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

    # Views, distinct client ids and distinct viewer identifiers: of a whole period, and by a dimension.
    # Source: facts I26, I29 and I30.
    get_total_views_summary = get_total_views_summary_of_type = _sibling("whole", "total_views")
    list_total_views = list_total_views_of_type = _sibling("breakdown", "total_views")
    get_unique_devices_summary = get_unique_devices_summary_of_type = _sibling("whole", "unique_devices")
    list_unique_devices = list_unique_devices_of_type = _sibling("breakdown", "unique_devices")
    get_authenticated_viewers_summary = _sibling("whole", "authenticated_viewers")
    get_authenticated_viewers_summary_of_type = get_authenticated_viewers_summary
    list_authenticated_viewers = list_authenticated_viewers_of_type = _sibling("breakdown", "authenticated_viewers")

    # The most segments that run at once, and seconds watched: by content and step, and of one content.
    # Source: facts I22, I27 and I28.
    list_peak_viewer_numbers = list_peak_viewer_numbers_of_type = _sibling("over_time", "peak")
    list_peak_viewer_numbers_of_channels = _sibling("over_time", "peak", content_type="recorded")
    get_peak_viewer_numbers_summary = _sibling("whole_of_content", "peak")
    list_viewer_seconds = list_viewer_seconds_of_type = _sibling("over_time", "seconds")
    list_viewer_seconds_of_channels = _sibling("over_time", "seconds", content_type="recorded")
    get_viewer_seconds_summary = _sibling("whole_of_content", "seconds")
