"""What Cloud Video Kit has, as a plain model over explicit rows and what was written since. Source: document 002.

Moments inside are whole milliseconds since 1970. What a server makes up (links, keys, job ids) is `ANY`.
"""

from testcard.suite.oracles.videokit.answers import content
from testcard.suite.oracles.videokit.kit import READS, WRITES, Kit
from testcard.suite.oracles.videokit.rows import Refused

__all__ = ["READS", "WRITES", "Kit", "Refused", "content"]
