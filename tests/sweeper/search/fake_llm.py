"""An OpenAI-compatible server of few words, for tests: a process of its own, on loopback.

The address says how it behaves: `http://127.0.0.1:PORT/BEHAVIOUR/SESSION`; `/log/SESSION` has the
requests of a session. It prints its port when it is ready.
"""

import json
import re
import sys
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

REQUESTS = {}
LOCK = threading.Lock()
SOME_BAD = [
    {"fast": 5, "slow": 500},
    {"fast": 5.5, "slow": 60},
    {"fast": "5", "slow": 60},
    {"fast": True, "slow": 60},
    {"fast": 5, "slow": 60, "os.system": "true"},
    {"fast": 5},
    {"fast": 50, "slow": 40},
    {"fast": None, "slow": 60},
    [5, 60],
    {"fast": 7, "slow": 70},
    {"fast": 7, "slow": 70},
]


def good(number, wanted):
    """Points that no other request of the session gets: fast 2.. and slow 62.., by its number."""
    points = [{"fast": 2 + number, "slow": 62 + 2 * place} for place in range(wanted)]
    return json.dumps({"proposals": points, "reason": "fast is \x1b[31mbetter\nlow"})


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.reply(200, REQUESTS.get(self.path.split("/")[2], []))

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        _, behaviour, session, *rest = self.path.split("/")
        with LOCK:
            requests = REQUESTS.setdefault(session, [])
            number = len(requests)
            key = self.headers["Authorization"]
            requests.append({"path": "/".join(rest), "key": key, "body": body})
        wanted = int(re.findall(r"Propose (\d+) others", body["messages"][-1]["content"])[-1])
        getattr(self, behaviour)(number, wanted, body)

    def reply(self, status, content, **headers):
        data = json.dumps(content).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def say(self, content):
        self.reply(200, {"choices": [{"index": 0, "message": {"content": content}}]})

    def good(self, number, wanted, body):
        self.say(good(number, wanted))

    def fenced(self, number, wanted, body):
        self.say(f"Here you are:\n```json\n{good(number, wanted)}\n```")

    def malformed(self, number, wanted, body):
        self.say('{"proposals": [{"fast": 5, ')

    def corrected(self, number, wanted, body):
        self.say('{"proposals": 5}' if number % 2 == 0 else good(number, wanted))

    def schema(self, number, wanted, body):
        self.say('{"ideas": [{"fast": 5, "slow": 60}]}')

    def silent(self, number, wanted, body):
        self.say(None)

    def outside(self, number, wanted, body):
        self.say(json.dumps({"proposals": SOME_BAD}))

    def huge(self, number, wanted, body):
        self.say(good(number, wanted) + " " * 3_000_000)

    def other(self, number, wanted, body):
        self.reply(200, {"hello": "world"})

    def slow(self, number, wanted, body):
        time.sleep(2)
        self.good(number, wanted, body)

    def dribble(self, number, wanted, body):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        for _ in range(100):
            self.wfile.write(b"\n")
            self.wfile.flush()
            time.sleep(0.05)

    def cut(self, number, wanted, body):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"{")
        self.close_connection = True

    def busy(self, number, wanted, body):
        if number % 2 == 0:
            self.reply(429, {"error": "slow down"}, Retry_After="0.05")
        else:
            self.good(number, wanted, body)

    def closed(self, number, wanted, body):
        self.reply(429, {"error": "come back tomorrow"}, Retry_After="86400")

    def broken(self, number, wanted, body):
        self.reply(500, {"error": "oops"}, Retry_After="0.01")

    def refused(self, number, wanted, body):
        self.reply(401, {"error": {"message": f"no such key: {self.headers['Authorization']}"}})

    def plain(self, number, wanted, body):
        if "response_format" in body:
            self.reply(400, {"error": "response_format is not supported"})
        else:
            self.good(number, wanted, body)

    def handle(self):
        with suppress(OSError):  # the client has gone, as it should when it waits no longer
            super().handle()

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()
