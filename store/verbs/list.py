"""The verb `list`: which experiments there are."""

from store.verbs.options import RESULTS, Json, Root, answer, open_results


def list_experiments(root: Root = RESULTS, json: Json = False) -> None:
    """All experiments, newest first."""
    from dataclasses import asdict

    from store.tables import experiments_listing

    found = open_results(root).experiments()
    answer([asdict(one) for one in found], json, lambda: experiments_listing(found))
