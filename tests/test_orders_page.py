"""docs/orders.md is exact: each example comes out as printed."""

import pytest

from tests.documents import blocks
from tests.slow_orders import Desk
from tests.test_semantics import Example, fills_of

EXAMPLES = [body for _, body in blocks("orders.md", "example")]


def exact(numbers):
    return pytest.approx(numbers, rel=1e-9)


@pytest.mark.parametrize("text", EXAMPLES)
def test_an_example_comes_out_as_printed(text):
    example = Example(text)
    got = example.trace()
    assert got.equity == exact(example.equity)
    for bar, fills in enumerate(fills_of(got.trades)):
        assert [(f[0], f[3]) for f in fills] == [(f[0], f[3]) for f in example.fills[bar]]
        numbers = [float(x) for f in example.fills[bar] for x in f[1:3]]
        assert [x for f in fills for x in f[1:3]] == exact(numbers)
    assert got.trades["pnl"].tolist() == exact([float(trade[5]) for trade in example.trades])


@pytest.mark.parametrize("text", EXAMPLES)
def test_the_plain_reference_agrees_with_an_example(text):
    example = Example(text)
    settings = vars(example.whole_settings())
    desk = Desk(example.prices, example.codes, settings).play()
    assert desk.equity == exact(example.equity)
