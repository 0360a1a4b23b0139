"""An S3 server on a free port of the loopback interface, in a process of its own.

    python tests/store/s3_server.py        prints its address, serves until it is killed

It is moto's, made honest in one thing: moto looks whether a name is taken and then takes it, which
two threads may do at once, so requests are answered one by one. Buckets that begin with `careless`
ignore conditions on writes, as some servers do; `readonly` ones refuse writes.
"""

import logging
import sys
import threading

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

CONDITIONS = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MATCH")
DENIED = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"


class OneByOne:
    def __init__(self, app):
        self.app = app
        self.lock = threading.Lock()

    def __call__(self, environ, start_response):
        if environ["PATH_INFO"].startswith("/careless"):
            for name in CONDITIONS:
                environ.pop(name, None)
        if environ["PATH_INFO"].startswith("/readonly") and self.writes(environ):
            start_response("403 Forbidden", [("Content-Type", "application/xml")])
            return [DENIED]
        with self.lock:
            return list(self.app(environ, start_response))

    def writes(self, environ):
        """Whether an object is written; the bucket itself may be made."""
        return environ["REQUEST_METHOD"] == "PUT" and environ["PATH_INFO"].count("/") > 1


def main():
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app = OneByOne(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    sys.stdout.write(f"http://127.0.0.1:{server.port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
