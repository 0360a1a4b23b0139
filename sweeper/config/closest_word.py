"""Closest word to one that may not stand where it does, and names of keys in other tools."""

from collections.abc import Iterable
from difflib import get_close_matches

SHORTEST = 3
"""Letters that a beginning must have to stand for a word."""

KEYS_ELSEWHERE = {
    **dict.fromkeys(("fee", "fees", "fee_rate", "commissions", "comm"), "costs.commission"),
    **dict.fromkeys(("slip", "spread"), "costs.slippage"),
    **dict.fromkeys(
        ("cash", "capital", "init_cash", "initial_cash", "starting_cash", "starting_balance"),
        "initial_capital",
    ),
    **dict.fromkeys(("sl", "stoploss", "sl_stop", "stop"), "risk.stop_loss"),
    **dict.fromkeys(("tp", "tp_stop", "roi"), "risk.take_profit"),
    **dict.fromkeys(("ts", "tsl", "trail", "trailing", "sl_trail"), "risk.trailing_stop"),
    **dict.fromkeys(
        ("atr_stop", "stop_atr", "atr_multiplier", "stop_loss_atr", "stoploss_atr"),
        "risk.stop_loss with risk.unit=atr",
    ),
    **dict.fromkeys(("n_jobs", "num_workers", "processes", "cpus"), "ray.workers"),
    **dict.fromkeys(("num_gpus", "gpus"), "ray.resources"),
    **dict.fromkeys(("n_trials", "num_samples", "max_evals", "n_iter"), "search.n"),
    **dict.fromkeys(("freq", "interval", "tf", "resolution"), "data.timeframe"),
    **dict.fromkeys(("ticker", "tickers", "symbol", "pair", "pairs"), "data.symbols"),
    **dict.fromkeys(("csv", "file", "filename"), "data.path"),
}
"""Keys of this config by the names that other tools give to them."""


def closest_word(word: str, words: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The word that another one stands for: in other letters, longer, shorter or misspelt.

    Args:
        word: as the user wrote it.
        words: that may stand there.
        cutoff: how alike the letters of a misspelt one must be, in (0, 1].
    """
    written = word.lower()
    by_letters = {each.lower(): each for each in words}
    if written in by_letters:
        return by_letters[written]
    heads = [each for each in by_letters if len(each) >= SHORTEST and written.startswith(each)]
    if heads:
        return by_letters[max(heads, key=len)]
    longer = [each for each in by_letters if each.startswith(written)]
    if longer and len(written) >= SHORTEST:
        return by_letters[min(longer, key=len)]
    near = get_close_matches(written, by_letters, n=1, cutoff=cutoff)
    return by_letters[near[0]] if near else None
