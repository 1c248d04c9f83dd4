"""From parameters to a question: which customer's channels, which filters, which hours.

Says no, naming the parameter, to what the document does not offer; where it is open what that is, the ledger's reading
decides. No numpy here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from testcard.apis.amagi.catalogue import Catalogue, country_names, device_types, lost_letters, open_catalogue
from testcard.apis.amagi.customers import customer_id
from testcard.apis.amagi.refusals import bad
from testcard.exchange import Call, Refused

__all__ = ["Filters", "Page", "Period", "ask", "period", "read_page"]

_LONGEST_DAYS, _MOST_SESSIONS = 3660, 25_000_000  # of one question: what one answer can hold (ledger AM-35)
Values = Sequence[str] | None


@dataclass(frozen=True)
class Filters:
    """What a question is narrowed to. *channels* are the ids that count; other sets are None where all count.

    Names are folded where the reading in force ignores case.
    """

    channels: frozenset[str]
    narrowed: dict[str, frozenset[str]] = field(default_factory=dict)
    fold_case: bool = False
    studio: str = ""

    def takes(self, name: str, value: str) -> bool:
        """Whether *value* passes the filter called *name*."""
        wanted = self.narrowed.get(name)
        return wanted is None or (value.casefold() if self.fold_case else value) in wanted


@dataclass(frozen=True)
class Period:
    """The days, zone and hours of a question; *start_time* and *end_time* as the answer shows them."""

    first: date
    last: date
    zone: str
    unit: str
    first_hour: int = 0
    end_hour: int = 24
    each_day: bool = False
    start_time: str = "00:00"
    end_time: str = "23:00"


@dataclass(frozen=True)
class Page:
    """Rows *start* to before *end*; an end of None is the last row's."""

    start: int = 0
    end: int | None = None


def ask(call: Call, *, channel_id: Values, customer_id: str | None, **filters: Values) -> tuple[Catalogue, Filters]:
    """Read the filters of a call, by their names as arguments (``device_name``)."""
    catalogue = open_catalogue(call.world)
    several = call.reading("AM-13") == "several"
    fold = call.reading("AM-14") == "any-case"
    channels = _channels(call, catalogue, _checked("channelId", channel_id, several=several), customer_id)
    narrowed = {}
    for argument, values in filters.items():
        name = _camel(argument)
        sent = _checked(name, values, several=several)
        if sent is None or (sent == ["All"] and call.reading("AM-67") == "everything"):
            continue
        if call.reading("AM-15") == "refused":
            _check_listed(call, name, sent, fold=fold)
        spelled = set(_spelled(call, sent)) if name == "country" else set(sent)
        narrowed[name] = frozenset(each.casefold() if fold else each for each in spelled)
    if call.reading("AM-21") == "refused":
        _check_device(filters.get("device_name"), filters.get("device_type"))
    studio = ",".join(filters.get("studio_name") or ())
    return catalogue, Filters(frozenset(channels), narrowed, fold, studio)


def period(
    call: Call,
    first: date,
    last: date,
    zone: str,
    unit: str,
    start_time: str | None = None,
    end_time: str | None = None,
) -> Period:
    """Read the range of a question; *unit* is ``hour``, ``day``, ``week`` or ``month``."""
    if last < first and call.reading("AM-34") == "refused":
        raise bad("endDate", f"{last}", f"{last} is before startDate, {first}")
    longest = min(_LONGEST_DAYS, _MOST_SESSIONS // max(1, call.world.story.profile.sessions))
    if (last - first).days > longest:
        raise bad("endDate", f"{last}", f"{last} is more than {longest} days after startDate, {first}")
    if unit != "hour" and call.reading("AM-32") == "ignored":
        return Period(first, last, zone, unit)
    if unit == "hour" and call.reading("AM-29") == "required":
        for name, value in (("startTime", start_time), ("endTime", end_time)):
            if value is None:
                raise bad(name, None, "is required with interval HOURLY")
    begin = _hour(call, "startTime", start_time or "00:00")
    end = _hour(call, "endTime", end_time or "23:00") + (call.reading("AM-30") == "included")
    each_day = call.reading("AM-31") == "each-day"
    if (each_day or first == last) and end <= begin and call.reading("AM-34") == "refused":
        raise bad("endTime", end_time, f"{end_time} is before startTime, {start_time or '00:00'}")
    return Period(first, last, zone, unit, begin, end, each_day, f"{begin:02}:00", end_time or "23:00")


def read_page(call: Call, page: int | None, limit: int | None) -> Page:
    """Read page and limit: ledger AM-25, AM-26."""
    first = 1 if call.reading("AM-25") == "one-based" else 0
    if page is not None and page < first:
        raise bad("page", str(page), f"{page} is not a positive integer; pages count from {first}")
    size = limit if limit is not None or call.reading("AM-26") == "all" else 10
    at = first if page is None else page
    if size is None:
        return Page() if at == first else Page(0, 0)
    return Page(*call.window(at - first + 1, size))


def country_as_written(call: Call, name: str) -> str:
    """A country as the answers of this world write it (ledger AM-16)."""
    return lost_letters().get(name, name) if call.reading("AM-16") == "restored" else name


def _channels(call: Call, catalogue: Catalogue, wanted: Values, customer: str | None) -> set[str]:
    if call.holder is None:
        raise TypeError("a question needs a customer")
    own = {channel.id for channel in catalogue.visible(call.holder)}
    if wanted is None and customer is None:
        if call.reading("AM-10") == "one-required":
            raise Refused(422, "no-channel", "customer_id or channel_id should be sent in query")
        return own
    if wanted == ["All"] and call.reading("AM-67") == "everything":
        return own
    loud = call.reading("AM-12") == "refused"
    if wanted is not None and loud and (unknown := [each for each in wanted if each not in own]):
        raise bad("channelId", unknown[0], f"{unknown[0]!r} is not a channel of this token; channelList has them")
    chosen = own if wanted is None else own & set(wanted)
    if customer is None or (wanted is not None and call.reading("AM-11") == "channel-decides"):
        return chosen
    if customer != customer_id(call.holder) and loud and wanted is None:
        raise bad("customerId", customer, f"{customer!r} is not the customer of this token")
    return {each for each in chosen if catalogue.channels[each].customer == customer}


def _checked(name: str, values: Values, *, several: bool) -> Values:
    if values is not None and len(values) > 1 and not several:
        raise bad(name, ",".join(values), f"takes one value, and {len(values)} were sent")
    return values


def _check_listed(call: Call, name: str, values: Iterable[str], *, fold: bool) -> None:
    listed = _listed(call, name)
    if listed is None:
        return
    known = {each.casefold() for each in listed} if fold else listed
    for value in values:
        if (value.casefold() if fold else value) not in known:
            choices = sorted(listed) if len(listed) < 50 else ()
            raise bad(name, value, f"{value!r} is not in the list of the document", *choices)


def _listed(call: Call, name: str) -> frozenset[str] | None:
    if name == "deviceType":
        return frozenset(device_types())
    if name == "deviceName":
        return frozenset(each for names in device_types().values() for each in names)
    if name == "country":
        return frozenset(country_as_written(call, each) for each in country_names())
    return None


def _spelled(call: Call, countries: Iterable[str]) -> Iterable[str]:
    """Each country in every spelling that rows may have it in, where the reading takes it at all."""
    full = {whole: cut for cut, whole in lost_letters().items()}
    for name in countries:
        yield name
        if call.reading("AM-16") == "restored":
            yield full.get(name, name)
        else:
            yield lost_letters().get(name, name)


def _check_device(names: Values, types: Values) -> None:
    """Refuse a name and a type that the table does not put together (ledger AM-21)."""
    if names is None or types is None:
        return
    table = device_types()
    for name in names:
        if not any(name in table.get(kind, ()) for kind in types):
            raise bad("deviceName", name, f"{name!r} is not of deviceType {', '.join(types)}")


def _hour(call: Call, name: str, text: str) -> int:
    if text[3:] != "00" and call.reading("AM-33") == "refused":
        raise bad(name, text, f"{text!r} is not a whole hour; expected for example {text[:2]}:00")
    return int(text[:2])


def _camel(argument: str) -> str:
    first, *rest = argument.split("_")
    return first + "".join(word.title() for word in rest)
