"""Client of S3, and its failures in one line.

Endpoint, region and credentials are those that boto3 finds where every AWS tool looks: AWS_* in the
environment, the files in ~/.aws, the role of the machine.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from store.errors import StoreUnavailable

CONNECT_SECONDS = 5
READ_SECONDS = 30
ATTEMPTS = 4
"""Tries of one request, with pauses of up to a second, then two, four."""

CONNECTIONS = 32
MISSING = {"NoSuchKey", "404", "NotFound"}
"""Error codes of a key that is not there."""

_AMAZON = re.compile(r"https://s3(\.[a-z0-9-]+)?\.amazonaws\.com(\.cn)?")
_REFUSED = {401, 403}


@lru_cache(maxsize=1)
def _connection() -> tuple[Any, Any]:
    """A session of boto3, which finds credentials, and a client of it; threads may share both."""
    try:
        import boto3  # late: a quarter of a second, and an extra
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError
    except ImportError:
        raise StoreUnavailable(
            "store.root: s3:// needs the package boto3; install it: "
            ".venv/bin/python -m pip install 'boto3>=1.36'"
        ) from None
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        max_pool_connections=CONNECTIONS,
    )
    try:
        session = boto3.session.Session()
        return session, session.client("s3", config=config)
    except (BotoCoreError, ValueError) as error:
        raise StoreUnavailable(
            f"store.root: {error}; check the variables AWS_* and the files in ~/.aws"
        ) from None


def client() -> Any:
    """A client of boto3; threads may share it."""
    return _connection()[1]


@lru_cache
def _region(bucket: str) -> str | None:
    with plainly(bucket):
        answer = client().head_bucket(Bucket=bucket)
    region = answer.get("BucketRegion") or client().meta.region_name
    return None if region == "aws-global" else region


def arrow_filesystem(bucket: str) -> object:
    """A pyarrow filesystem that reads a bucket; a path on it is `bucket/key`."""
    session, settings = _connection()
    credentials = session.get_credentials()
    keys = credentials.get_frozen_credentials() if credentials else (None, None, None)
    return _arrow(settings.meta.endpoint_url, _region(bucket), *keys[:3])


@lru_cache(maxsize=8)
def _arrow(endpoint: str, region: str | None, key: str, secret: str, token: str | None) -> object:
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


def _forget() -> None:
    """In a forked process: open connections of its own, the parent goes on to use those it has.

    What is forgotten is kept, so that nothing of it is closed here.
    """
    global _connection, _arrow
    _inherited.append((_connection, _arrow))
    _connection = lru_cache(maxsize=1)(_connection.__wrapped__)
    _arrow = lru_cache(maxsize=8)(_arrow.__wrapped__)


_inherited: list[object] = []
os.register_at_fork(after_in_child=_forget)


@contextmanager
def plainly(bucket: str, key: str = "") -> Iterator[None]:
    """Turn what boto3 says into FileNotFoundError, or one line about the store.

    Raises:
        FileNotFoundError: there is no such key.
        StoreUnavailable: anything else.
    """
    what = f"s3://{bucket}/{key}"
    where = client().meta.endpoint_url
    from boto3.exceptions import Boto3Error  # late: as boto3
    from botocore.exceptions import (
        BotoCoreError,
        ClientError,
        NoCredentialsError,
    )

    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if code in MISSING and key:
            raise FileNotFoundError(2, "no such object", what) from None
        if code in MISSING or code == "NoSuchBucket":
            raise StoreUnavailable(
                f"store.root: there is no bucket {bucket} at {where}; create it, or correct "
                "the name"
            ) from None
        if status in _REFUSED:
            raise StoreUnavailable(
                f"{what}: {where} refuses ({code}); check the credentials and what they may do: "
                "list the bucket, get, put and delete objects"
            ) from None
        raise StoreUnavailable(f"{what}: {where} answers {status} ({error})") from error
    except NoCredentialsError as error:
        raise StoreUnavailable(
            f"store.root: no credentials for {where} ({error}); set AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
        ) from None
    except (BotoCoreError, Boto3Error) as error:
        reason = str(error).partition(': "')[0].partition("\n")[0]
        raise StoreUnavailable(
            f"{what}: {where} does not answer ({reason}); check AWS_ENDPOINT_URL and the network"
        ) from error
