"""IBM Video Streaming Analytics: who watched what, segment by segment, and the tokens that it takes to ask.

``api`` has the operations; ``tokens`` says who may call, ``asking`` what is asked for and ``refusals`` what is not
answered. Below them the data: ``segments`` cuts the story's sessions, ``timeline`` keeps them, ``explicit`` puts a
test's own rows among them, ``selection`` picks a period's, ``rendering`` writes them, and ``viewers``, ``counts`` and
``flows`` add them up.
"""

from testcard.apis.ibmvideo.api import IbmVideo

__all__ = ["IbmVideo"]
