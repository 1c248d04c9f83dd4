"""Which operations of Cloud Video Kit clients are judged by, and which not."""

from __future__ import annotations

from collections.abc import Mapping

from testcard.suite.subject import Judged

__all__ = ["ENDINGS", "JUDGED", "QUERIES", "UNJUDGED"]

QUERIES = (
    "get_queries_count",
    "get_queries_sum",
    "get_queries_avg",
    "get_queries_median",
    "get_max_concurrent_viewers",
    "get_ads_count",
    "get_ads_sum",
    "get_ads_avg",
)
"""The figures of analytics: POSTs that change nothing."""

_SENTENCES = {
    "list_vod_assets": "every asset that passes the filters",
    "get_vod_asset": "one asset",
    "create_vod_asset": "the id of an asset made as `body` says",
    "update_vod_asset": "what changing an asset answers",
    "delete_vod_asset": "null, when an asset is deleted",
    "delete_vod_assets": "two lists, `deleted` and `failed`, of the `ids`; or a failure where some failed",
    "list_files": "every file that passes the filters",
    "get_file": "one file",
    "update_file": "what changing a file answers",
    "delete_file": "null, when a file is deleted",
    "delete_files": "two lists, `deleted` and `failed`, of the `ids`; or a failure where some failed",
    "list_languages": "the languages of tracks",
    "list_channels": "every channel that passes the filters",
    "get_channel": "one channel",
    "get_channel_status": "the state of a channel, a word",
    "list_channel_statuses": "the states of the channels with `ids`, or of all",
    "start_channel": "null, when a channel is starting",
    "stop_channel": "null, when a channel is stopping",
    "list_events": "every event that passes the filters",
    "get_event": "one event",
    "create_event": "the id of an event made as `body` says",
    "update_event": "what changing an event answers",
    "delete_event": "null, when an event is deleted",
    "delete_events": "two lists, `deleted` and `failed`, of the `ids`; or a failure where some failed",
    "list_recordings": "every recording that passes the filters",
    "get_recording": "one recording",
    "create_recording": "the id of a recording made as `body` says",
    "update_recording": "what changing a recording answers",
    "delete_recording": "null, when a recording is deleted",
    "delete_recordings": "two lists, `deleted` and `failed`, of the `ids`; or a failure where some failed",
    "list_streaming_assets": "everything that can be played and passes the filters",
    "get_streaming_asset": "one streaming asset",
    "update_streaming_asset": "what changing a streaming asset answers",
    "add_asset_tags": "null, when an asset has the tags of `body`",
    "delete_asset_tag": "null, when a tag is taken off",
    **dict.fromkeys(QUERIES, "all rows that `body` asks for, each as sent"),
    "list_impressions": "the ids of all sessions that `body` asks for, or a failure where one answer may not hold them",
    "get_tenant_status": "the state of a tenant, a word",
    "list_api_keys": "every API key",
    "create_api_key": "the id of a key made as `body` says",
    "delete_api_key": "null, when a key is deleted",
    "list_presets": "every preset",
}
_UPLOAD = frozenset({"start_file_upload", "get_file_part_url", "complete_file_upload", "cancel_file_upload"})

JUDGED: Mapping[str, Judged] = {
    **{name: Judged(name, sentence, frozenset({name})) for name, sentence in _SENTENCES.items()},
    "upload_file": Judged(
        "upload_file",
        "the id of a file called `name` and `friendlyName` whose content is the text `pattern` again and again, cut off"
        " at `size` bytes",
        _UPLOAD,
    ),
    "download_file": Judged(
        "download_file",
        "`size` and `sha256`, in hexadecimal, of a file's content",
        frozenset({"get_file_preview_url"}),
    ),
}

ENDINGS = {"start_file_upload": frozenset({"complete_file_upload", "cancel_file_upload"})}

_NO_TRUTH = "what it answers is made up by the service"
_IMAGES = "images of assets: uploads are judged by files"
UNJUDGED: Mapping[str, str] = {
    "add_vod_output": "its result shows in the outputs of get_vod_asset",
    "remove_vod_output": "its result shows in the outputs of get_vod_asset",
    "detect_file_tracks": _NO_TRUTH,
    "list_file_types": "as fixed as list_languages",
    "create_channel": "its id shows in list_channels",
    "update_channel": "it answers the id alone",
    "delete_channel": "as delete_event",
    "get_channel_stats": _NO_TRUTH,
    "get_channel_configuration": _NO_TRUTH,
    "get_channel_limit": _NO_TRUTH,
    "add_recording_output": "its result shows in the outputs of get_recording",
    "delete_recording_output": "its result shows in the outputs of get_recording",
    "update_streaming_asset_settings": "what a tenant inherits is made up by the service",
    "create_asset_chapters": "ids of chapters are made up by the service",
    "delete_asset_chapter": "ids of chapters are made up by the service",
    **dict.fromkeys(
        (
            "create_asset_images",
            "delete_asset_image",
            "start_image_upload",
            "get_image_part_url",
            "complete_image_upload",
            "list_images",
            "get_image",
            "delete_image",
            "delete_images",
        ),
        _IMAGES,
    ),
    "list_image_frames": _NO_TRUTH,
    "list_domains": _NO_TRUTH,
    "add_domain": _NO_TRUTH,
    "delete_domain": _NO_TRUTH,
    "get_qr_code": "a picture",
    "get_streaming_settings": _NO_TRUTH,
    "get_media": "what a player fetches",
    "get_api_key": "as list_api_keys",
    "update_api_key": "as create_api_key",
    "issue_token": "part of calls that need a token",
}
