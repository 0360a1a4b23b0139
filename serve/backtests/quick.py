"""Backtests of requests that are in flight together, evaluated in one kernel call.

A request alone is answered at once. While one batch is evaluated the next one gathers, so that
fifty requests cost little more than one: the kernel takes microseconds, each call of it through
Python a hundred times that. The first use of a strategy compiles, and reads bars: it is done in a
thread, so that the others go on.
"""

import asyncio
from collections.abc import Sequence

from sweeper.backtest import Backtest, run_backtest, run_backtests

MOST = 64
"""Requests of one call."""
Metrics = dict[str, float]


class Batcher:
    """Gathers backtests and answers each with its own metrics or refusal."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Backtest, asyncio.Future[Metrics]]] = []
        self._warm: set[tuple[object, ...]] = set()
        self._scheduled = False

    async def metrics(self, backtest: Backtest) -> Metrics:
        """Metrics of one backtest.

        Raises:
            ValueError: it is refused, in the words of `run_backtest`.
        """
        key = (backtest.strategy, backtest.symbol, backtest.source, backtest.start, backtest.end)
        if key not in self._warm:
            answer = await asyncio.to_thread(alone, backtest)
            if len(self._warm) < 10_000:
                self._warm.add(key)
            return answer
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Metrics] = loop.create_future()
        self._waiting.append((backtest, future))
        if not self._scheduled:
            self._scheduled = True
            loop.call_soon(self._evaluate)
        return await future

    def _evaluate(self) -> None:
        """Evaluate what waits; what came meanwhile is for the next turn of the loop."""
        batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        self._scheduled = bool(self._waiting)
        if self._scheduled:
            asyncio.get_running_loop().call_soon(self._evaluate)
        for (_, future), answer in zip(batch, answers([b for b, _ in batch]), strict=True):
            if future.cancelled():
                continue
            if isinstance(answer, ValueError):
                future.set_exception(answer)
            else:
                future.set_result(answer)


def answers(backtests: Sequence[Backtest]) -> list[Metrics | ValueError]:
    """Metrics or refusal of each."""
    try:
        return [*run_backtests(backtests)]
    except ValueError:
        return [_or_error(backtest) for backtest in backtests]


def _or_error(backtest: Backtest) -> Metrics | ValueError:
    try:
        return alone(backtest)
    except ValueError as error:
        return error


def alone(backtest: Backtest) -> Metrics:
    """Metrics of one, by the kernel that makes no trades: a tenth of the time."""
    try:
        return run_backtests([backtest])[0]
    except ValueError:
        return run_backtest(backtest).metrics  # refuses in its words, without a place in a batch
