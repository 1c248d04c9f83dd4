"""Small media that are really what they say: an MP4 file, an HLS and a DASH manifest, a transport stream segment.

They hold no pictures worth seeing; players and probes read their headers.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

__all__ = ["SEGMENT_MS", "mp4", "rendition"]

SEGMENT_MS = 6000
_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_SPS = bytes.fromhex("6764000aac7284442684000003000400000300ca3c48961180")
_PPS = bytes.fromhex("68e8438f132130")
_FRAME = bytes.fromhex("0000000165888400")


def rendition(name: str, duration_ms: int) -> tuple[bytes, str] | None:
    """The bytes and media type of a file of a stream: a manifest, a segment or the whole file; None for others."""
    if name == "master.m3u8":
        return _master().encode(), "application/vnd.apple.mpegurl"
    if name == "index.m3u8":
        return "\n".join(_playlist(duration_ms)).encode(), "application/vnd.apple.mpegurl"
    if name == "manifest.mpd":
        return _mpd(duration_ms).encode(), "application/dash+xml"
    if name == "video.mp4":
        return mp4(duration_ms), "video/mp4"
    number = name.removeprefix("segment-").removesuffix(".ts")
    if name == f"segment-{number}.ts" and number.isascii() and number.isdigit():
        return (_segment(), "video/mp2t") if int(number) * SEGMENT_MS < max(duration_ms, 1) else None
    return None


def mp4(duration_ms: int, *, width: int = 1920, height: int = 1080, padding: int = 0) -> bytes:
    """An MP4 file with a video and an audio track of that duration, and *padding* bytes of nothing."""
    head = _box(b"ftyp", b"isom", struct.pack(">I", 512), b"isomiso2avc1mp41")
    offset = len(head) + 8 + padding + 8
    data = _box(b"free", bytes(padding)) + _box(b"mdat", _FRAME, bytes(8))
    tracks = (_track(1, duration_ms, offset, width, height), _track(2, duration_ms, offset + len(_FRAME), 0, 0))
    movie = struct.pack(">4I", 0, 0, 1000, duration_ms) + struct.pack(">IH10x", 0x10000, 0x100) + _MATRIX
    return head + data + _box(b"moov", _full(b"mvhd", 0, movie, bytes(24), struct.pack(">I", 3)), *tracks)


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8) + kind + body


def _full(kind: bytes, flags: int, *parts: bytes) -> bytes:
    return _box(kind, struct.pack(">I", flags), *parts)


def _track(number: int, duration_ms: int, offset: int, width: int, height: int) -> bytes:
    """One track with a single sample that lasts for the whole duration; sound when it has no width."""
    header = struct.pack(">5I8x", 0, 0, number, 0, duration_ms)
    volume = struct.pack(">2hHxx", 0, 0, 0 if width else 0x100)
    kind, name = (b"vide", b"VideoHandler\0") if width else (b"soun", b"SoundHandler\0")
    media_head = _full(b"vmhd", 1, bytes(8)) if width else _full(b"smhd", 0, bytes(4))
    entry = _video_entry(width, height) if width else _audio_entry()
    table = _box(
        b"stbl",
        _full(b"stsd", 0, struct.pack(">I", 1), entry),
        _full(b"stts", 0, struct.pack(">3I", 1, 1, duration_ms)),
        _full(b"stsc", 0, struct.pack(">4I", 1, 1, 1, 1)),
        _full(b"stsz", 0, struct.pack(">3I", 0, 1, 8)),
        _full(b"stco", 0, struct.pack(">2I", 1, offset)),
    )
    source = _box(b"dinf", _full(b"dref", 0, struct.pack(">I", 1), _full(b"url ", 1)))
    media = _box(
        b"mdia",
        _full(b"mdhd", 0, struct.pack(">4IHH", 0, 0, 1000, duration_ms, _language("eng"), 0)),
        _full(b"hdlr", 0, bytes(4), kind, bytes(12), name),
        _box(b"minf", media_head, source, table),
    )
    size = struct.pack(">2I", width << 16, height << 16)
    return _box(b"trak", _full(b"tkhd", 7, header, volume, _MATRIX, size), media)


def _language(code: str) -> int:
    first, second, third = (ord(letter) - 0x60 for letter in code)
    return first << 10 | second << 5 | third


def _video_entry(width: int, height: int) -> bytes:
    sets = b"\xe1" + struct.pack(">H", len(_SPS)) + _SPS + b"\x01" + struct.pack(">H", len(_PPS)) + _PPS
    shape = struct.pack(">6xH16x2H2I4xH32x2H", 1, width, height, 0x480000, 0x480000, 1, 24, 0xFFFF)
    return _box(b"avc1", shape, _box(b"avcC", b"\x01\x64\x00\x0a\xff", sets))


def _audio_entry() -> bytes:
    shape = struct.pack(">6xH8x2H4xI", 1, 2, 16, 48_000 << 16)
    config = bytes.fromhex("03190002000411401500000000000000000000000005021190060102")
    return _box(b"mp4a", shape, _full(b"esds", 0, config))


def _master() -> str:
    stream = '#EXT-X-STREAM-INF:BANDWIDTH=5000000,RESOLUTION=1920x1080,CODECS="avc1.64000a,mp4a.40.2"'
    return "\n".join(["#EXTM3U", "#EXT-X-VERSION:3", stream, "index.m3u8", ""])


def _playlist(duration_ms: int) -> Iterator[str]:
    yield from ("#EXTM3U", "#EXT-X-VERSION:3", f"#EXT-X-TARGETDURATION:{SEGMENT_MS // 1000}", "#EXT-X-MEDIA-SEQUENCE:0")
    yield "#EXT-X-PLAYLIST-TYPE:VOD"
    for number, start in enumerate(range(0, max(duration_ms, 1), SEGMENT_MS)):
        yield f"#EXTINF:{min(SEGMENT_MS, max(duration_ms, 1) - start) / 1000:.3f},"
        yield f"segment-{number}.ts"
    yield "#EXT-X-ENDLIST\n"


def _mpd(duration_ms: int) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011" type="static"'
        f' minBufferTime="PT2S" mediaPresentationDuration="PT{duration_ms / 1000:.3f}S">'
        '<Period><AdaptationSet mimeType="video/mp4" contentType="video">'
        '<Representation id="1080p" bandwidth="5000000" codecs="avc1.64000a" width="1920" height="1080">'
        "<BaseURL>video.mp4</BaseURL></Representation></AdaptationSet></Period></MPD>\n"
    )


def _segment() -> bytes:
    """A programme table, a map with one video stream, and a packet of nothing."""
    association = bytes.fromhex("00b00d0001c100000001f000")
    mapping = bytes.fromhex("02b0120001c10000e100f0001be100f000")
    tables = b"".join(_table_packet(pid, table) for pid, table in ((0, association), (0x1000, mapping)))
    return tables + bytes.fromhex("471fff10") + b"\xff" * 184


def _table_packet(pid: int, section: bytes) -> bytes:
    body = struct.pack(">BHB", 0x47, 0x4000 | pid, 0x10) + b"\0" + section + struct.pack(">I", _crc32_mpeg(section))
    return body + b"\xff" * (188 - len(body))


def _crc32_mpeg(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1) & 0xFFFFFFFF
    return crc
