"""What is planted in the services of our own, and how it must be found: each alone, and nothing else with it."""

from __future__ import annotations

__all__ = ["DRIFTS", "READINGS", "VIOLATIONS"]

READINGS = {
    "videocentral": (
        "VC-01=pages VC-02=report-type-id VC-02=both VC-02=mixed VC-03=refused VC-04=singular VC-05=missing "
        "VC-05=empty VC-06=csv VC-07=stays VC-09=full-page VC-10=absent VC-11=newest-first VC-12=exclusive "
        "VC-13=sometimes VC-14=clamped VC-14=refused VC-15=refused VC-18=dropped VC-23=refused VC-25=tuesday "
        "VC-26=own-name VC-35=lines VC-36=spreadsheet VC-41=limit-first"
    ),
    "ibmvideo": (
        "IB-01=data IB-02=items IB-03=dropped IB-04=with-version IB-05=absent IB-06=sample-path IB-07=integer "
        "IB-08=string IB-10=absent IB-11=absent IB-12=absent IB-14=half-open IB-15=kept IB-16=utc "
        "IB-16=refused IB-20=empty IB-21=not-found IB-29=recorded-only IB-29=segments IB-30=last-finish "
        "IB-34=newest-first IB-35=zulu IB-35=los-angeles IB-36=fractions IB-38=milliseconds IB-39=definition "
        "IB-43=midnight IB-47=filtered IB-49=left-over IB-50=minute IB-55=one-hour"
    ),
    "amagi": (
        "AM-10=one-required AM-13=one AM-25=zero-based AM-26=ten AM-27=on-this-page AM-29=required "
        "AM-30=excluded AM-31=each-day AM-32=applied AM-34=empty AM-38=number-of-viewers AM-40=daily "
        "AM-41=distinct AM-43=whole AM-48=own-studio AM-49=own-series AM-52=up-to-24 AM-54=zero "
        "AM-59=of-opportunities AM-60=two-decimals AM-61=own AM-62=plural AM-63=as-asked AM-72=universal "
        "AM-73=unprocessable AM-77=thousands AM-78=snake-case"
    ),
    "videokit": (
        "VK-007=beyond-total VK-007=as-worded VK-008=items VK-009=capped VK-009=refused VK-010=not-found "
        "VK-010=last VK-028=created VK-033=summary VK-034=hidden VK-059=original VK-166=with-session-count "
        "VK-167=value-only VK-168=on-request VK-169=matching VK-173=unordered VK-174=zero VK-175=refused "
        "VK-176=rows VK-178=rounded VK-180=empty"
    ),
}
"""Readings that are not the documented ones, by API."""

DRIFTS = {
    ("videocentral", "new-field"): ("new-field", "list_accounts", "/data/*/tier"),
    ("videocentral", "nested-new-field"): ("new-field", "list_reports", "/data/*/checksum"),
    ("videocentral", "new-value"): ("new-value", "list_report_types", "/data/*/cadence"),
    ("videocentral", "wider-type"): ("wider-type", "list_reports", "/data/*/numRows"),
    ("videocentral", "absent"): ("absent", "list_channels", "/data/*"),
    ("ibmvideo", "new-field"): ("new-field", "list_views", "/resources/*/attributes/isp"),
    ("ibmvideo", "nested-new-field"): ("new-field", "list_views", "/resources/*/attributes/device_info/screen"),
    ("ibmvideo", "new-value"): ("new-value", "list_views", "/resources/*/attributes/view_type"),
    ("ibmvideo", "wider-type"): ("wider-type", "list_views", "/resources/*/attributes/is_mobile_view"),
    ("ibmvideo", "absent"): ("absent", "list_views", "/resources/*/attributes"),
    ("amagi", "new-field"): ("new-field", "get_viewership_analytics", "/viewershipAnalytics/*/bouncedSessions"),
    ("amagi", "new-value"): ("new-value", "get_viewership_analytics", "/dateRange/interval"),
    ("videokit", "new-field"): ("new-field", "list_files", "/items/*/checksum"),
    ("videokit", "wider-type"): ("wider-type", "list_files", "/items/*/fileSize"),
    ("videokit", "absent"): ("absent", "list_streaming_assets", "/items/*"),
    ("videokit", "new-member"): ("new-field", "get_queries_count", "/sampled"),
    ("amagi", "absent"): ("absent", "list_channels", "/viewershipChannels/*"),
}
"""API and name of what has moved on, to the rule, operation and place that must be reported."""

VIOLATIONS = {
    ("videocentral", "bad-date"): {"schema"},
    ("videocentral", "html"): {"media"},
    ("videocentral", "overlap"): {"two-page-sizes", "disjoint-pages"},
    ("videocentral", "over-limit"): {"page-size"},
    ("videocentral", "wrong-total"): {"total"},
    ("videocentral", "filter-ignored"): {"in-window", "union"},
    ("videocentral", "union-broken"): {"union"},
    ("videocentral", "modified-exclusive"): {"modified-since"},
    ("videocentral", "filter-adds"): {"subset", "modified-since"},
    ("videocentral", "rows-added"): {"files"},
    ("videocentral", "dead-link"): {"files"},
    ("videocentral", "no-table"): {"files"},
    ("ibmvideo", "bad-country"): {"schema"},
    ("ibmvideo", "type-ignored"): {"of-its-type"},
    ("ibmvideo", "content-ignored"): {"by-content"},
    ("ibmvideo", "union-broken"): {"union"},
    ("ibmvideo", "unstable"): {"two-page-sizes"},
    ("ibmvideo", "backwards"): {"forwards"},
    ("ibmvideo", "search-ignored"): {"viewer-search"},
    ("ibmvideo", "overlap"): {"disjoint-pages", "viewers-disjoint"},
    ("ibmvideo", "over-limit"): {"page-size"},
    ("ibmvideo", "type-lost"): {"union-of-types"},
    ("ibmvideo", "inside-adds"): {"subset-inside"},
    ("ibmvideo", "finished-lost"): {"subset-finished"},
    ("ibmvideo", "running-listed"): {"no-running"},
    ("ibmvideo", "viewers-unstable"): {"viewers-two-page-sizes"},
    ("ibmvideo", "total-low"): {"total-and-views"},
    ("ibmvideo", "types-differ"): {"total-of-types"},
    ("ibmvideo", "parts-differ"): {"total-parts"},
    ("ibmvideo", "more-devices"): {"no-more-than-views"},
    ("ibmvideo", "seconds-lost"): {"viewer-seconds"},
    ("ibmvideo", "peak-high"): {"peak-viewers"},
    ("videokit", "overlap"): {"two-page-sizes", "disjoint-pages"},
    ("videokit", "over-limit"): {"page-size"},
    ("videokit", "wrong-count"): {"counts"},
    ("videokit", "filter-ignored"): {"later"},
    ("videokit", "other-status"): {"same"},
    ("videokit", "lost-part"): {"parts-by-group", "parts-by-time"},
    ("videokit", "window-gap"): {"windows"},
    ("videokit", "filter-off"): {"filter-picks"},
    ("videokit", "filter-adds"): {"filter-picks", "filter-subset"},
    ("videokit", "bad-average"): {"derived"},
    ("videokit", "peak-low"): {"peaks"},
    ("videokit", "narrow"): {"tables"},
    ("videokit", "cut-elsewhere"): {"ordered-pages"},
    ("videokit", "twice"): {"impressions"},
    ("videokit", "change-lost"): {"writes-read-back"},
    ("videokit", "undead"): {"removed-is-gone"},
    ("amagi", "bad-time"): {"schema"},
    ("amagi", "union-broken"): {"union"},
    ("amagi", "wrong-total"): {"totals", "derived"},
    ("amagi", "bad-ratio"): {"derived"},
    ("amagi", "outside"): {"in-range"},
    ("amagi", "filter-widens"): {"subset"},
    ("amagi", "overlap"): {"two-page-sizes", "disjoint-pages"},
    ("amagi", "over-limit"): {"page-size"},
    ("amagi", "wrong-ad-total"): {"ad-totals"},
    ("amagi", "odd-channel"): {"ad-channels"},
    ("amagi", "report-high"): {"report-sums"},
    ("amagi", "odd-average"): {"report-averages"},
    ("amagi", "other-days"): {"report-period"},
}
"""API and name of what cannot be, to the rules that must be broken."""
