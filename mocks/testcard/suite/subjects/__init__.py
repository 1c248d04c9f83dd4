"""The APIs as subjects of the suite: the one table, one module each."""

from __future__ import annotations

import importlib

from testcard.errors import UserError, near_miss
from testcard.suite.subject import Subject

__all__ = ["SUBJECTS", "open_subject"]

SUBJECTS = {"videocentral": "VideoCentral", "amagi": "Amagi", "ibmvideo": "IbmVideo", "videokit": "VideoKit"}


def open_subject(api: str) -> Subject:
    """The subject of an API, by name."""
    if api not in SUBJECTS:
        raise UserError(f"no API {api!r} to judge; there are: {', '.join(SUBJECTS)}{near_miss(api, SUBJECTS)}")
    module = importlib.import_module(f"testcard.suite.subjects.{api}")
    subject: Subject = getattr(module, SUBJECTS[api])()
    return subject
