"""Judge the real services: which calls are safe, what their answers break, and how they read the documents.

Knows no vendor: how to walk one, what relates its answers and what tells its readings apart stands in
``subjects/<api>.py``. Of the mocks only `traffic` knows anything: how a vendor's parameters are read.
"""

from testcard.live.judging import Finding, judge_answer
from testcard.live.report import Report
from testcard.live.seen import Answer, Seen
from testcard.live.subject import Detector, Relation, Step, Subject, open_subject

__all__ = [
    "Answer",
    "Detector",
    "Finding",
    "Relation",
    "Report",
    "Seen",
    "Step",
    "Subject",
    "judge_answer",
    "open_subject",
]
