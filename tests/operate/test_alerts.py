"""Alerts: bands that meet, and messages that arrive once."""

import json
import math
import sqlite3
import subprocess
import sys
import urllib.request

import pytest

from operate.alerts.bands import REFERENCE, Band, band_of, honest_share
from operate.alerts.delivery import deliver, sender
from operate.alerts.outbox import alert
from operate.records.clock import now_of
from operate.records.desk import Place
from store.errors import StoreError
from store.registry.operation import messages

SHARPE = Band("sharpe", 1.5, 0.5)
SERVER = """
import json, sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs
got = []
class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        broken = self.path == "/broken"
        if not broken:
            form = self.path == "/form"
            got.append(parse_qs(body.decode()) if form else json.loads(body))
        self.send_response(500 if broken else 204); self.end_headers()
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(json.dumps(got).encode())
    def log_message(self, *_): pass
server = HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
"""


@pytest.mark.parametrize(
    ("value", "band"),
    [(1.5, "ok"), (1.4999, "warn"), (0.5, "warn"), (0.4999, "critical"), (math.nan, "unknown")],
)
def test_bands_meet(value, band):
    assert band_of(SHARPE, value, 0.1) == band


def test_a_wide_error_is_unknown():
    assert band_of(SHARPE, 9.0, 0.501) == "unknown"
    assert band_of(SHARPE, 9.0, 0.5) == "ok"
    assert band_of(SHARPE, 9.0, None) == "unknown"


@pytest.mark.parametrize("band", REFERENCE, ids=lambda band: band.metric)
def test_every_value_is_in_one_band_and_the_order_is_kept(band):
    order = ["critical", "warn", "ok"]
    low, high = sorted((band.warn, band.critical))
    values = [low - 1, low, (low + high) / 2, high, high + 1]
    places = [order.index(band_of(band, value, 0.0)) for value in values]
    assert places == sorted(places, reverse=not band.higher_is_better)
    assert {places[0], places[-1]} == {0, 2}


def test_the_30_day_sharpe_ratio_alarms_two_in_five_honest_profiles():
    assert honest_share(SHARPE, 1.0, 3.5) == pytest.approx(0.443, abs=0.01)


@pytest.fixture
def server():
    with subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True) as one:
        port = int(one.stdout.readline())
        yield f"127.0.0.1:{port}"
        one.kill()


def received(server):
    with urllib.request.urlopen(f"http://{server}/") as answer:
        return json.loads(answer.read())


@pytest.fixture
def place(operated):
    return Place(operated.desk, now_of(None))


def test_a_message_arrives_once(operated, place, server):
    assert alert(place, "k", "rollout advanced", "fast", "to half")
    assert not alert(place, "k", "rollout advanced", "fast", "to half")
    assert deliver(place, [f"json://{server}/x"]).sent == 1
    assert deliver(place, [f"json://{server}/x"]).sent == 0
    (told,) = received(server)
    assert (told["title"], told["message"]) == ("rollout advanced: fast", "to half")


def test_discord_takes_its_own_form(operated, place, server, monkeypatch):
    monkeypatch.setenv("DISCORD_WEBHOOK_URL", f"http://{server}/api/webhooks/1/token")
    monkeypatch.delenv("SWEEPER_NOTIFY", raising=False)
    alert(place, "k", "task disabled", "watch", "five faults")
    assert operated.json("notify")["sent"] == 1
    assert received(server) == [{"content": "**task disabled: watch**\nfive faults"}]


def test_what_does_not_arrive_is_tried_again_later(operated, place, server):
    alert(place, "k", "task disabled", "watch", "five faults")
    found = deliver(place, [f"json://{server}/broken"])
    assert (found.sent, found.failed, found.waiting) == (0, 1, 1)
    (waiting,) = messages(place.registry, unsent=True)
    assert waiting.due > waiting.time
    assert deliver(place, [f"json://{server}/x"]).sent == 0  # not due yet


def test_without_an_address_nothing_is_lost(operated, place, monkeypatch):
    for name in ("DISCORD_WEBHOOK_URL", "SWEEPER_NOTIFY"):
        monkeypatch.delenv(name, raising=False)
    alert(place, "k", "task disabled", "watch", "five faults")
    told = operated.json("notify")
    assert (told["waiting"], told["configured"]) == (1, False)


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # its import
def test_apprise_itself_delivers_to_a_server(place, server):
    """The extra `notify`, installed: its form scheme goes through the library."""
    send = sender(f"form://{server}/form", 1)
    assert send("rollout advanced: fast", "to half")
    assert not sender(f"form://{server}/broken", 1)("rollout advanced: fast", "to half")
    (got,) = received(server)
    assert (got["title"], got["message"]) == (["rollout advanced: fast"], ["to half"])


def test_another_scheme_needs_the_extra_and_the_address_is_not_printed(place, monkeypatch):
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(StoreError, match="address 1 needs the extra `notify`") as refused:
        deliver(place, ["tgram://secret-token/1"])
    assert "secret" not in str(refused.value)


def test_views_have_the_names_of_the_references(operated):
    operated.json("rollout", "start", "fast", "--by", "ann@example.org")
    operated.json("tasks", "add", "improve", "--type", "cycle", "--component", "fast")
    with sqlite3.connect("results/registry.db") as connection:
        events = connection.execute(
            "select event_type, component_id, trigger_reason from improvement_events"
        ).fetchall()
        queue = connection.execute(
            "select task_type, component_id, frequency, status, enabled from optimization_queue"
        ).fetchall()
        tests = connection.execute(
            "select test_name, control_version, treatment_version, status, improvement_percent "
            "from ab_tests"
        ).fetchall()
    connection.close()
    assert events == [("rollout started", "fast", "plan standard")]
    assert queue == [("cycle", "fast", "daily", "waiting", 1)]
    assert tests == []
