"""Amagi Analytics, by document 001: one address, seven kinds of question, and scheduled files.

`api` has the handlers. Everything with numpy stands behind `answers`, which is imported when the first question is
asked.
"""

from testcard.apis.amagi.api import Amagi

__all__ = ["Amagi"]
