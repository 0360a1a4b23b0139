"""Files of tokens: made for their owner, refused when others may read them."""

import json

import pytest

from serve.access.hosts import allowed_hosts, is_loopback
from serve.access.tokens import ROLES, from_file
from store.errors import StoreError


def test_a_file_is_made_once_for_its_owner_and_read_again(tmp_path):
    path = tmp_path / "tokens"
    made = from_file(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert from_file(path).by_role == made.by_role
    assert len(set(made.by_role.values())) == 3
    session = made.session("run")
    assert from_file(path).role_of_session(session) == "run"  # of a server that was started again


@pytest.mark.parametrize(
    ("text", "mode", "message"),
    [
        ("{", 0o600, "is no JSON"),
        ("{}", 0o600, "needs a text of 16 characters"),
        (json.dumps(dict.fromkeys(ROLES, "short")), 0o600, "needs a text of 16 characters"),
        (json.dumps(dict.fromkeys(ROLES, "x" * 20)), 0o600, "two roles are equal"),
        ("{}", 0o644, "others may read it"),
    ],
)
def test_a_bad_file_is_one_line(tmp_path, text, mode, message):
    path = tmp_path / "tokens"
    path.write_text(text)
    path.chmod(mode)
    with pytest.raises(StoreError, match=message):
        from_file(path)


def test_hosts_of_loopback_and_of_another_address():
    assert "localhost:8000" in allowed_hosts("127.0.0.1", 8000)
    assert "192.0.2.7:8000" in allowed_hosts("192.0.2.7", 8000)
    assert "0.0.0.0:8000" not in allowed_hosts("0.0.0.0", 8000)
    assert "quant.example" in allowed_hosts("0.0.0.0", 8000, ("Quant.example",))
    assert [is_loopback(h) for h in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "a.b")] == [
        True, True, True, False, False,
    ]  # fmt: skip
