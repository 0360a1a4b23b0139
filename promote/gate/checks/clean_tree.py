"""The code of the product and of the strategy is committed, so that a profile can be rebuilt."""

from promote.gate.verdict import Verdict


def check(changed_files: tuple[str, ...], limit: float) -> Verdict:
    """Judge the git working tree.

    Args:
        changed_files: of the product's code and of the strategy's, wherever it lies, that differ
            from the commit or are in none.
        limit: how many there may be.
    """
    changed = len(changed_files)
    shown = ", ".join(changed_files[:3]) + (", ..." if changed > 3 else "")
    text = f"not committed: {shown}; commit or stash them" if changed else "all code is committed"
    return Verdict("clean_tree", changed <= limit, changed, limit, "changed files", text)
