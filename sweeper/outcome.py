"""What a finished sweep shows: the leaderboard, or JSON, and where the report is."""

from pathlib import Path

from rich.console import Console

from store.experiment import Experiment
from sweeper.config import Config


def show_outcome(console: Console, root: Path, experiment: Experiment, config: Config) -> None:
    """Print the result of an experiment."""
    console.print(experiment.counts, experiment.seconds)
