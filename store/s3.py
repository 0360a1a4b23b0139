"""Files of a store that lies in an S3 bucket: `s3://bucket/prefix`.

An `S3Path` reads under the names that pathlib gives to reading. It writes in one request: an object
is there whole or not at all, and safe once the request is answered. What a link is to a folder,
`If-None-Match: *` is to a bucket: a name that is taken stays with whoever had it first.

Requests go through boto3, as pyarrow's own client has no conditional writes (apache/arrow#44281);
it only reads columns of Parquet files, many ranges at a time. Both are given the endpoint, region
and credentials that boto3 finds where every AWS tool looks for them.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from store.errors import BadName, StoreUnavailable

CONNECT_SECONDS = 5
READ_SECONDS = 30
ATTEMPTS = 4
"""Tries of one request, with pauses of up to a second, then two, four."""

CONFLICT_SECONDS = 0.05
CONFLICTS = 8

_FORM = re.compile(r"s3:/{1,2}([^/]+)/?(.*)")  # Path("s3://x") has lost a slash
_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]")
_PART = re.compile(r"(?!\.{1,2}$)[\w.=+@ -]+")
_AMAZON = re.compile(r"https://s3(\.[a-z0-9-]+)?\.amazonaws\.com(\.cn)?")
_MISSING = {"NoSuchKey", "404", "NotFound"}
_REFUSED = {401, 403}


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
        """Whether there is an object of this key."""
        try:
            with _plainly(self):
                _client().head_object(**self._place)
        except FileNotFoundError:
            return False
        return True

    def read_bytes(self) -> bytes:
        """The whole object; FileNotFoundError when there is none."""
        return self.version().content

    def version(self) -> Version:
        """The whole object and which version that is; FileNotFoundError when there is none."""
        with _plainly(self):
            answer = _client().get_object(**self._place)
            content: bytes = answer["Body"].read()
        date = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
        now = parsedate_to_datetime(date) if date else datetime.now(UTC)
        return Version(content, answer["ETag"], (now - answer["LastModified"]).total_seconds())

    @contextmanager
    def open(self, mode: str = "rb") -> Iterator[Any]:
        """The object's bytes from the first to the last, as a binary file."""
        assert mode == "rb", "objects are written whole"
        with _plainly(self):
            yield _client().get_object(**self._place)["Body"]

    def tail(self, length: int) -> tuple[int, bytes]:
        """Size of the object, and its last `length` bytes, or all when it has less."""
        from botocore.exceptions import ClientError  # late: as boto3

        with _plainly(self):
            try:
                answer = _client().get_object(**self._place, Range=f"bytes=-{length}")
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
        with _plainly(self):
            pages = list(
                _client()
                .get_paginator("list_objects_v2")
                .paginate(Bucket=self.bucket, Prefix=start, Delimiter="/")
            )
        keys = [one["Key"] for page in pages for one in page.get("Contents", ())]
        folders = [one["Prefix"][:-1] for page in pages for one in page.get("CommonPrefixes", ())]
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
        with _plainly(self):
            _client().upload_file(str(file), self.bucket, self.key)

    def download(self, file: Path) -> None:
        """Write the object to a local file."""
        with _plainly(self):
            _client().download_file(self.bucket, self.key, str(file))

    def unlink(self, missing_ok: bool = False) -> None:
        """Remove the object; the server does not say whether there was one."""
        with _plainly(self):
            _client().delete_object(**self._place)

    def filesystem(self) -> Any:
        """A pyarrow filesystem that reads this bucket; a path on it is `bucket/key`."""
        client = _client()
        found = _session().get_credentials()
        keys = found.get_frozen_credentials() if found else (None, None, None)
        return _arrow(client.meta.endpoint_url, _region(self.bucket), *keys[:3])

    @property
    def _place(self) -> dict[str, str]:
        return {"Bucket": self.bucket, "Key": self.key}

    def _put(self, content: bytes, **condition: str) -> str | None:
        """The etag of what was put; None when the condition does not hold."""
        from botocore.exceptions import ClientError  # late: as boto3

        for attempt in range(CONFLICTS):
            time.sleep(CONFLICT_SECONDS * attempt)
            with _plainly(self):
                try:
                    answer = _client().put_object(**self._place, Body=content, **condition)
                except ClientError as error:
                    told = error.response["ResponseMetadata"]
                    if condition and told["HTTPStatusCode"] == 409:  # two at once: ask again
                        continue
                    if not condition or told["HTTPStatusCode"] not in (404, 412):
                        raise
                    if "IfMatch" not in condition and told["HTTPStatusCode"] == 404:
                        raise
                    return self._own(content) if told.get("RetryAttempts") else None
                return str(answer["ETag"])
        raise StoreUnavailable(f"{self}: others write it all the time; try again")

    def _own(self, content: bytes) -> str | None:
        """The etag if the object has this content: put by a request whose answer was lost."""
        try:
            found = self.version()
        except FileNotFoundError:
            return None
        return found.etag if found.content == content else None


@lru_cache(maxsize=1)
def _session() -> Any:
    try:
        import boto3  # late: a quarter of a second, and an extra
    except ImportError:
        raise StoreUnavailable(
            "store.root: s3:// needs the package boto3; install it: "
            ".venv/bin/python -m pip install 'boto3>=1.36'"
        ) from None
    return boto3.session.Session()


@lru_cache(maxsize=1)
def _client() -> Any:
    from botocore.config import Config  # late: as boto3

    return _session().client(
        "s3",
        config=Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
            max_pool_connections=32,
        ),
    )


@lru_cache
def _region(bucket: str) -> str | None:
    with _plainly(S3Path(bucket, "")):
        answer = _client().head_bucket(Bucket=bucket)
    region = answer.get("BucketRegion") or _client().meta.region_name
    return None if region == "aws-global" else region


@lru_cache(maxsize=8)
def _arrow(endpoint: str, region: str | None, key: str, secret: str, token: str | None) -> Any:
    from pyarrow.fs import S3FileSystem  # late: it starts threads

    where = urlsplit(endpoint)
    own = {} if _AMAZON.fullmatch(endpoint) else {"endpoint_override": where.netloc}
    return S3FileSystem(
        access_key=key,
        secret_key=secret,
        session_token=token,
        region=region,
        scheme=where.scheme,
        connect_timeout=CONNECT_SECONDS,
        request_timeout=READ_SECONDS,
        **own,
    )


@contextmanager
def _plainly(path: S3Path) -> Iterator[None]:
    """Turn what boto3 says into FileNotFoundError, or one line about the store."""
    _session()  # says so when there is no boto3
    from boto3.exceptions import Boto3Error  # late: as boto3
    from botocore.exceptions import (
        BotoCoreError,
        ClientError,
        NoCredentialsError,
        PartialCredentialsError,
    )

    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if code in _MISSING:
            raise FileNotFoundError(2, "no such object", str(path)) from None
        if code == "NoSuchBucket":
            raise StoreUnavailable(
                f"store.root: there is no bucket {path.bucket} at {_where()}; create it, or "
                "correct the name"
            ) from None
        if status in _REFUSED:
            raise StoreUnavailable(
                f"{path}: {_where()} refuses ({code}); check the credentials and what they may do: "
                "list the bucket, get, put and delete objects"
            ) from None
        raise StoreUnavailable(f"{path}: {_where()} answers {status} ({error})") from error
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise StoreUnavailable(
            f"store.root: no credentials for {_where()} ({error}); set AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
        ) from None
    except (BotoCoreError, Boto3Error) as error:
        reason = str(error).partition("\n")[0]
        raise StoreUnavailable(
            f"{path}: {_where()} does not answer ({reason}); check AWS_ENDPOINT_URL and the network"
        ) from error


def _where() -> str:
    return str(_client().meta.endpoint_url)
