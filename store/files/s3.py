"""Files of a store that lies in an S3 bucket: `s3://bucket/prefix`.

An `S3Path` reads under the names that pathlib gives to reading. It writes in one request: an object
is there whole or not at all, and safe once the request is answered. What a link is to a folder,
`If-None-Match: *` is to a bucket: the first writer of a name keeps it.

Requests go through boto3, as pyarrow's own client has no conditional writes (apache/arrow#44281);
it only reads columns of Parquet files, many ranges at a time.
"""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from store.errors import BadName, StoreUnavailable
from store.files.s3_client import MISSING, arrow_filesystem, client, plainly

CONFLICT_SECONDS = 0.05
CONFLICTS = 8

_FORM = re.compile(r"s3:/{1,2}([^/]+)/?(.*)")  # Path("s3://x") has lost a slash
_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]")
_PART = re.compile(r"(?!\.{1,2}$)[\w.=+@ -]+")


@dataclass(frozen=True, slots=True)
class Version:
    """An object as it was read.

    Attributes:
        content: of the object.
        etag: names this version of it.
        age: seconds since it was written, by the server's clock alone.
    """

    content: bytes
    etag: str
    age: float


@dataclass(frozen=True, slots=True)
class S3Path:
    """An object, or all whose keys go on with a slash: a folder, which always exists.

    Attributes:
        bucket: its name.
        key: without a slash at either end; empty for the bucket itself.
    """

    bucket: str
    key: str

    @classmethod
    def of(cls, text: str) -> "S3Path":
        """The path that `s3://bucket/prefix` names.

        Raises:
            BadName: it is none, or its keys could not be told from others.
        """
        match = _FORM.fullmatch(text)
        bucket, key = (match[1], match[2].strip("/")) if match else ("", "")
        parts = key.split("/") if key else []
        if not _BUCKET.fullmatch(bucket) or not all(map(_PART.fullmatch, parts)):
            raise BadName(
                f"store.root: must be s3://bucket/prefix, the prefix of letters, digits and "
                f"-_.=+@, got {text[:120]!r}"
            )
        return cls(bucket, key)

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}".rstrip("/")

    def __truediv__(self, name: str) -> "S3Path":
        return S3Path(self.bucket, f"{self.key}/{name}".lstrip("/"))

    @property
    def name(self) -> str:
        """The last part of the key."""
        return self.key.rpartition("/")[2]

    @property
    def stem(self) -> str:
        """The name without what follows its last dot."""
        return self.name.rpartition(".")[0] or self.name

    @property
    def parent(self) -> "S3Path":
        """The folder that this is in."""
        return S3Path(self.bucket, self.key.rpartition("/")[0])

    def exists(self) -> bool:
        """True when there is an object of this key."""
        try:
            with plainly(self.bucket, self.key):
                client().head_object(**self._place)
        except FileNotFoundError:
            return False
        return True

    def read_bytes(self) -> bytes:
        """The whole object; FileNotFoundError when there is none."""
        return self.version().content

    def version(self) -> Version:
        """The whole object and which version that is; FileNotFoundError when there is none."""
        from email.utils import parsedate_to_datetime  # late: as boto3, which imports it anyway

        with plainly(self.bucket, self.key):
            answer = client().get_object(**self._place)
            content: bytes = answer["Body"].read()
        date = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
        now = parsedate_to_datetime(date) if date else datetime.now(UTC)
        return Version(content, answer["ETag"], (now - answer["LastModified"]).total_seconds())

    @contextmanager
    def open(self, mode: str = "rb") -> Iterator[Any]:
        """The object's bytes from the first to the last, as a binary file."""
        assert mode == "rb", "objects are written whole"
        with plainly(self.bucket, self.key):
            yield client().get_object(**self._place)["Body"]

    def tail(self, length: int) -> tuple[int, bytes]:
        """Size of the object, and its last `length` bytes, or all when it has less."""
        from botocore.exceptions import ClientError  # late: as boto3

        with plainly(self.bucket, self.key):
            try:
                answer = client().get_object(**self._place, Range=f"bytes=-{length}")
            except ClientError as error:
                if error.response["Error"]["Code"] == "InvalidRange":
                    return 0, b""  # an empty object has none
                raise
            content = answer["Body"].read()
        size = answer.get("ContentRange", "").rpartition("/")[2]
        return int(size or len(content)), content[-length:]

    def names(self) -> list[str]:
        """Names of the objects and folders in this folder, unordered."""
        start = f"{self.key}/".lstrip("/")
        with plainly(self.bucket):  # a folder always exists: missing is the bucket
            pages = list(
                client()
                .get_paginator("list_objects_v2")
                .paginate(Bucket=self.bucket, Prefix=start, Delimiter="/")
            )
        keys = [entry["Key"] for page in pages for entry in page.get("Contents", ())]
        folders = [
            entry["Prefix"][:-1] for page in pages for entry in page.get("CommonPrefixes", ())
        ]
        return [key[len(start) :] for key in [*keys, *folders] if key != start]

    def put_if_absent(self, content: bytes) -> str | None:
        """Give `content` this name and return its etag; None when the name is taken."""
        return self._put(content, IfNoneMatch="*")

    def replace(self, content: bytes) -> str:
        """Make `content` the object, whatever it was; return the new version's etag."""
        etag = self._put(content)
        assert etag is not None
        return etag

    def replace_version(self, etag: str, content: bytes) -> str | None:
        """Make `content` the object if it still is that version.

        Returns:
            The new version's etag; None when the object is another one, or gone.
        """
        return self._put(content, IfMatch=etag)

    def upload(self, file: Path) -> None:
        """Make the object of a local file of any size."""
        with plainly(self.bucket, self.key):
            client().upload_file(str(file), self.bucket, self.key)

    def download(self, file: Path) -> None:
        """Write the object to a local file."""
        with plainly(self.bucket, self.key):
            client().download_file(self.bucket, self.key, str(file))

    def unlink(self, missing_ok: bool = False) -> None:
        """Remove the object; the server does not say whether there was one."""
        with plainly(self.bucket, self.key):
            client().delete_object(**self._place)

    def filesystem(self) -> object:
        """A pyarrow filesystem that reads this bucket; a path on it is `bucket/key`."""
        return arrow_filesystem(self.bucket)

    @property
    def _place(self) -> dict[str, str]:
        return {"Bucket": self.bucket, "Key": self.key}

    def _put(self, content: bytes, **condition: str) -> str | None:
        """The etag of what was put; None when the condition does not hold."""
        from botocore.exceptions import ClientError  # late: as boto3

        with plainly(self.bucket, self.key):
            for attempt in range(CONFLICTS):
                time.sleep(CONFLICT_SECONDS * attempt)
                try:
                    answer = client().put_object(**self._place, Body=content, **condition)
                except ClientError as error:
                    metadata = error.response["ResponseMetadata"]
                    if condition and metadata["HTTPStatusCode"] == 409:
                        continue  # two at once, neither has won: ask again
                    if not _unmet(error, condition):
                        raise
                    return self._own(content) if metadata.get("RetryAttempts") else None
                return str(answer["ETag"])
        raise StoreUnavailable(f"{self}: others write it all the time; try again later")

    def _own(self, content: bytes) -> str | None:
        """The etag if the object has this content: put by a request whose answer was lost."""
        try:
            stored = self.version()
        except FileNotFoundError:
            return None
        return stored.etag if stored.content == content else None


def _unmet(error: Any, condition: Mapping[str, str]) -> bool:
    """True when a write was refused because its condition does not hold."""
    status, code = error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]
    return status == 412 or ("IfMatch" in condition and code["Code"] in MISSING)
