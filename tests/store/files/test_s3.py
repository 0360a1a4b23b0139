"""A bucket as the store sees it; what both kinds of place promise is tested next to each module."""

import io
import subprocess
import sys
import types
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from botocore.exceptions import ClientError

from store.errors import BadName, RegistryUnavailable, StoreError, StoreUnavailable
from store.files import backend, s3_client
from store.files.backend import place
from store.files.s3 import S3Path
from store.query.results import Results
from store.records import experiment as records
from store.registry import open_registry
from store.runs.parquet import naming
from tests.store.made_runs import filled, run_table

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("s3://quant-results", ""),
        ("s3://quant-results/", ""),
        ("s3://quant-results/a/b-c_d.e", "a/b-c_d.e"),
        ("s3://quant-results/a/b/", "a/b"),
        (str(Path("s3://quant-results/a/b")), "a/b"),  # one slash is lost
    ],
)
def test_a_root_in_a_bucket(text, key):
    assert place(text) == place(Path(text)) == S3Path("quant-results", key)
    assert backend.absolute(text) == place(text)
    assert place(str(place(text))) == place(text)


@pytest.mark.parametrize(
    "text",
    ["s3://", "s3:///x", "s3://A/x", "s3://b/x", "s3://bucket/a//b", "s3://bucket/../x",
     "s3://bucket/./x", "s3://bucket/a?b", "s3://bucket/a\nb", "s3://bucket/..", "s3:/"],
)  # fmt: skip
def test_roots_that_name_no_bucket_or_prefix_are_refused(text):
    with pytest.raises(BadName, match=r"store\.root: must be s3://bucket/prefix"):
        place(text)


def test_folders_are_as_ever(tmp_path):
    assert place("results") == Path("results")
    assert backend.absolute("results") == Path.cwd() / "results"
    assert place("s3") == Path("s3")


def test_parts_of_a_path():
    path = S3Path.of("s3://bucket/a") / "blocks" / "000001.parquet"
    assert str(path) == "s3://bucket/a/blocks/000001.parquet"
    assert (path.name, path.stem, path.parent.name) == ("000001.parquet", "000001", "blocks")
    assert str(S3Path.of("s3://bucket") / "v1") == "s3://bucket/v1"


def test_an_object_is_put_once_replaced_on_condition_and_removed(new_bucket):
    path = new_bucket() / "x" / "y"
    assert not path.exists()
    assert path.parent.names() == []
    with pytest.raises(FileNotFoundError, match=f"no such object.*{path}"):
        path.read_bytes()
    first = path.put_if_absent(b"one")
    assert first
    assert path.put_if_absent(b"two") is None
    found = path.version()
    assert (found.content, found.etag) == (b"one", first)
    assert 0 <= found.age < 60
    second = path.replace_version(first, b"two")
    assert second not in (None, first)
    assert path.replace_version(first, b"three") is None
    assert path.read_bytes() == b"two"
    assert path.parent.names() == ["y"]
    assert path.parent.parent.names() == ["x"]
    path.unlink()
    path.unlink(missing_ok=True)
    assert path.replace_version(second, b"three") is None
    assert not path.exists()


def test_the_end_of_an_object(new_bucket):
    path = new_bucket() / "x"
    for content in (b"", b"1", b"0123456789"):
        path.replace(content)
        assert backend.tail(path, 4) == (len(content), content[-4:])


def test_files_go_up_and_down_whole(new_bucket, tmp_path):
    path = new_bucket() / "x.parquet"
    with backend.draft(path) as draft:
        pq.write_table(run_table("exp-1"), draft)
        content = draft.read_bytes()
        backend.publish(draft, path)
    assert not draft.exists()
    with path.open() as file:
        assert file.read() == content
    with backend.local_copies([path]) as (copy,):
        assert copy.read_bytes() == content
    assert not copy.exists()
    filesystem, name = backend.arrow(path)
    assert pq.read_table(name, filesystem=filesystem).equals(run_table("exp-1"))


class Answering:
    """A client whose every put is answered by the next of some answers, after `before`."""

    meta = types.SimpleNamespace(endpoint_url="https://s3.example")

    def __init__(self, *answers, content=b""):
        self.answers, self.content, self.asked = list(answers), content, 0

    def put_object(self, **_):
        self.asked += 1
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return {"ETag": answer}

    def get_object(self, **_):
        answer = {"Body": io.BytesIO(self.content), "ETag": '"e"', "LastModified": NOW}
        return answer | {"ResponseMetadata": {"HTTPHeaders": {}}}


NOW = records.datetime.now(records.UTC)


def refusal(status, code, retries=0):
    told = {"HTTPStatusCode": status, "RetryAttempts": retries}
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": told}, "PutObject")


@pytest.fixture
def answering(monkeypatch):
    def answer(*answers, **options):
        made = Answering(*answers, **options)
        monkeypatch.setattr("store.files.s3.client", lambda: made)
        monkeypatch.setattr("store.files.s3_client.client", lambda: made)
        monkeypatch.setattr("store.files.s3.CONFLICT_SECONDS", 0)
        return made

    return answer


PATH = S3Path("bucket", "x")


def test_of_two_writes_at_once_neither_of_which_won_one_is_made_again(answering):
    made = answering(refusal(409, "ConditionalRequestConflict"), '"e"')
    assert PATH.put_if_absent(b"x") == '"e"'
    assert made.asked == 2


def test_a_name_that_is_always_under_dispute_is_given_up(answering):
    answering(*[refusal(409, "ConditionalRequestConflict")] * 8)
    with pytest.raises(StoreUnavailable, match="s3://bucket/x: others write it all the time"):
        PATH.put_if_absent(b"x")


@pytest.mark.parametrize(("content", "won"), [(b"mine", True), (b"other", False)])
def test_a_write_whose_answer_was_lost_is_known_by_its_content(content, won, answering):
    answering(refusal(412, "PreconditionFailed", retries=1), content=content)
    assert (PATH.put_if_absent(b"mine") is not None) is won


def test_the_same_content_of_another_writer_is_not_ones_own(answering):
    answering(refusal(412, "PreconditionFailed"), content=b"mine")
    assert PATH.put_if_absent(b"mine") is None


def test_a_server_that_fails_is_named_with_its_answer(answering):
    answering(refusal(500, "InternalError"))
    with pytest.raises(StoreUnavailable, match=r"s3://bucket/x: https://s3.example answers 500"):
        PATH.put_if_absent(b"x")


def test_a_bucket_is_writable_and_nothing_is_left_of_the_look(new_bucket):
    root = new_bucket()
    backend.require_writable(root)
    assert root.names() == []


def test_a_server_that_ignores_conditions_is_refused(new_bucket):
    root = new_bucket("careless")
    with pytest.raises(StoreUnavailable, match=f"store.root: {root} ignores If-None-Match"):
        backend.require_writable(root)
    assert root.names() == []


def test_a_bucket_that_may_only_be_read_is_named(new_bucket):
    root = new_bucket("readonly")
    assert Results(root).experiments() == []
    with pytest.raises(StoreUnavailable, match=r"refuses \(AccessDenied\); check the credentials"):
        backend.require_writable(root)


@pytest.fixture
def forgetful():
    """Connections are made again, with the environment as it is then."""
    caches = (s3_client._connection, s3_client._region, s3_client._arrow)
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


FAULTS = {
    "no such bucket": ({}, "there is no bucket none-such at http://127.0.0.1:"),
    "nothing there": ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, ":9 does not answer (Could not"),
    "no address": ({"AWS_ENDPOINT_URL": "127.0.0.1:9"}, "Invalid endpoint: 127.0.0.1:9; check the"),
    "no profile": ({"AWS_PROFILE": "none"}, "The config profile (none) could not be found; check"),
    "no credentials": (
        dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")),
        "store.root: no credentials for http://127.0.0.1:",
    ),
    "half of them": (
        {"AWS_SECRET_ACCESS_KEY": None},
        "store.root: Partial credentials found in env, missing: AWS_SECRET",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_wrong_is_said_in_one_line(fault, s3_server, forgetful, monkeypatch, tmp_path):
    variables, message = FAULTS[fault]
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setattr(s3_client, "ATTEMPTS", 1)
    for name, value in variables.items():
        if value is None:
            monkeypatch.delenv(name)
        else:
            monkeypatch.setenv(name, value)
    with pytest.raises(StoreError) as caught:
        Results("s3://none-such/results").experiments()
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_boto3_it_says_what_to_install(forgetful, monkeypatch):
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(StoreUnavailable, match=r"needs the package boto3; install it: .*pip"):
        Results("s3://bucket/results").experiments()


def test_the_command_line_reads_a_bucket_and_ends_at_once(new_bucket):
    root = new_bucket()
    experiment = filled(root)
    command = [sys.executable, "-m", "store", "top", "sharpe", "--json", "--root"]
    done = subprocess.run(
        [*command, str(root)], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert experiment.id in done.stdout
    assert done.stderr == ""
    failed = subprocess.run(
        [*command, "s3://none-such/x"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert (failed.returncode, failed.stderr.count("\n")) == (2, 1)


def test_a_request_of_pyarrow_that_fails_is_no_damage(new_bucket):
    path = new_bucket() / "x"
    fault = "When reading information for key 'x': AWS Error NETWORK_CONNECTION during HeadObject"
    with pytest.raises(StoreUnavailable, match=f"{path}: cannot be read now"), naming(path):
        raise OSError(fault)


def test_sql_reads_a_bucket_through_arrow(new_bucket):
    root = new_bucket()
    filled(root)
    found = Results(root).sql("select count(*), count(distinct strategy) from runs")
    assert found.fetchall() == [(120, 1)]


def test_the_registry_of_a_bucket_is_a_database_elsewhere(new_bucket):
    root = new_bucket()
    registry = open_registry(root)
    assert registry.promotions() == []
    with (
        pytest.raises(RegistryUnavailable, match=f"the store is {root}; set DATABASE_URL to"),
        registry.database.writing(),
    ):
        pass
