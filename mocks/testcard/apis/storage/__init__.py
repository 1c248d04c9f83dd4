"""The object storage behind the links of the other APIs, as Amazon S3 does it.

Knows signatures, ranges and S3's errors, and no vendor: a vendor module registers its bucket
(`testcard.apis.storage.objects`) and makes links with `signer`.
"""

from testcard.apis.storage.api import Storage
from testcard.apis.storage.errors import no_such_upload
from testcard.apis.storage.objects import Bucket, StoredObject, register
from testcard.apis.storage.signature import Signer, signer

__all__ = ["Bucket", "Signer", "Storage", "StoredObject", "no_such_upload", "register", "signer"]
