"""The verb `luck`: an experiment's luck line, measured if it has none."""

from store.cli.options import RESULTS, Experiment, Json, Root, answer_lines, open_results


def luck(ref: Experiment = "latest", root: Root = RESULTS, json: Json = False) -> None:
    """The best Sharpe ratio that an experiment's configurations show on bars without skill.

    Sweeps measure it as they start. What an earlier version has recorded has none: it is measured
    now from the stored runs, and kept in the record.
    """
    import math

    from store.errors import StoreError
    from store.ledger import ledger
    from store.luck.record import Luck
    from store.luck.sentences import measured, paragraph
    from store.query.stored_luck import concluded, luck_of_runs
    from store.records import experiment as records

    results = open_results(root)
    record = results.resolve(ref).experiment
    if record.status == "running":
        raise StoreError(f"{record.id}: is still running; measure its luck when it has ended")
    line = Luck.of(record)
    if line is None or line.stand_in or line.chance is None:
        record = concluded(results.root, record, luck_of_runs(results.root, record))
        line = Luck.of(record)
        if line is None:
            raise StoreError(
                f"{record.id}: no run has finished, or its bars are too few to be redrawn"
            )
        ledger.record(results.root, record.id, {}, record)
        records.save(results.root, record)
    best = math.nan if line.best is None else line.best
    lines = [paragraph(record, best, results.root), measured(line)]
    answer_lines({"experiment": record.id, **line.record()}, json, lines)
