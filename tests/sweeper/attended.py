"""A process that heeds Ctrl-C, as one started from a terminal does.

A shell starts what runs in its background with SIGINT ignored, and that is inherited: a suite that
was started so would otherwise test nothing about Ctrl-C.
"""

import signal
import subprocess


def start(words, **options):
    """A Popen with its output captured as text."""
    pipe = subprocess.PIPE
    return subprocess.Popen(
        words,
        stdout=pipe,
        stderr=pipe,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        **options,
    )
