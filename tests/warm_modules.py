"""What the commands of `tests/warm.py` have imported when they begin."""
# ruff: noqa: F401

import operate.cli.app
import promote.cli.app
import promote.gate.judge
import store.cli.app
import store.query.results
import store.registry
import sweeper.app
import sweeper.multirun
import sweeper.run.driver
import sweeper.sweep
import sweeper.terminal.outcome
