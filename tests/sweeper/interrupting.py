"""An executor that stops as Ctrl-C does, after so many blocks."""

from sweeper.executors.inline import InlineExecutor


def interrupt_after(monkeypatch, blocks):
    """Until the monkeypatch is undone, sweeps in this process end after so many blocks."""

    class Interrupting(InlineExecutor):
        def run(self, evaluate, work, rounds, watch):
            seen = []

            def stop_in_time(done):
                watch(done)
                seen.append(done)
                if len(seen) == blocks:
                    raise KeyboardInterrupt

            super().run(evaluate, work, rounds, stop_in_time)

    monkeypatch.setattr("sweeper.executors.select.InlineExecutor", Interrupting)
