"""One contract for every search that learns; a new one fails until it has its cases here."""

import numpy as np
import pytest

from sweeper.config.search import Goal
from sweeper.search import Learner, plan, room
from sweeper.search.bayes import generation
from sweeper.space.axes import Choices, Interval, Range
from sweeper.space.constraint import Constraint
from sweeper.space.space import Space

GRID = (Range("params.fast", 5, 1, 40), Range("params.slow", 125, -3, 40))
MIXED = (
    Interval("params.fast", 1.0, 100.0, log=True),
    Interval("params.slow", 1, 100, integer=True),
    Choices("risk.stop_loss", [0.05, np.nan, 0.02]),
)
ORDERED = Constraint("fast < slow")
ONE = (Goal("sharpe", "max"),)
TWO = (Goal("sharpe", "max"), Goal("max_drawdown", "min"))

CASES = {
    "bayes": {
        "tpe": (Space(GRID, ORDERED), {"n": 50}),
        "mixed": (Space(MIXED, ORDERED), {"n": 30, "batch": 7}),
        "two goals": (Space(GRID, ORDERED), {"n": 30, "goals": TWO}),
        "few points": (Space((Range("params.fast", 1, 1, 5),)), {"n": 50}),
        "one value": (Space((Choices("params.fast", [3.0]),)), {"n": 4, "batch": 2}),
        "cmaes": (Space(GRID, ORDERED), {"n": 60, "sampler": "cmaes", "batch": 10}),
        "nsga2": (Space(GRID, ORDERED), {"n": 150, "sampler": "nsga2", "batch": 60}),
        "nsga2, two goals": (
            Space(MIXED, ORDERED),
            {"n": 120, "sampler": "nsga2", "batch": 60, "goals": TWO},
        ),
        "qmc": (Space(MIXED, ORDERED), {"n": 40, "sampler": "qmc"}),
    },
    "llm": {
        "plain": (Space(GRID, ORDERED), {}),
        "mixed": (Space(MIXED, ORDERED), {"batch": 7, "min_history": 3}),
        "at most": (Space(GRID, ORDERED), {"n": 31}),
        "few points": (Space((Range("params.fast", 1, 1, 5),)), {"min_history": 2, "batch": 2}),
        "one value": (Space((Choices("params.fast", [3.0]),)), {}),
        "without an end": (Space(MIXED), {"threshold": 0, "max_iterations": 30, "batch": 2}),
    },
    "refine": {
        "plain": (Space(GRID, ORDERED), {"n": 120}),
        "mixed": (Space(MIXED, ORDERED), {"n": 200, "rounds": 6}),
        "few points": (Space((Range("params.fast", 1, 1, 5),)), {"n": 50}),
        "one round": (Space(GRID), {"n": 30, "rounds": 1}),
        "one value": (Space((Choices("params.fast", [3.0]),)), {"n": 2}),
    },
}
ALL = [(kind, case) for kind, cases in CASES.items() for case in cases]
every_case = pytest.mark.parametrize(("kind", "case"), ALL)


def make(kind, case, seed=0) -> Learner:
    space, given = CASES[kind][case]
    made = plan(kind, space, {"n": None, "seed": seed, "goals": ONE, **given})
    assert isinstance(made, Learner)
    return made


def score(kind, case, values):
    """A hill at fast 30, slow 80; a configuration with fast 7 fails."""
    goals = len(CASES[kind][case][1].get("goals", ONE))
    slow = values[:, 1] if values.shape[1] > 1 else 80.0
    hill = -(((values[:, 0] - 30) / 20) ** 2) - ((slow - 80) / 40) ** 2
    scores = np.column_stack([hill, -values[:, 0]][:goals])
    scores[values[:, 0] == 7] = np.nan
    return scores


def learn(kind, case, learner, told=()):
    """The rounds of a learner which was told some before: the points of each."""
    for values in told:
        learner.tell(values, score(kind, case, values))
    found = list(told)
    while len(found) < learner.rounds and len(values := learner.ask(len(found))):
        learner.tell(values, score(kind, case, values))
        found.append(values)
    return found


@pytest.fixture(scope="module")
def learnt():
    """The rounds of every case, each learnt once."""
    known = {}

    def rounds(kind, case):
        if (kind, case) not in known:
            known[kind, case] = learn(kind, case, make(kind, case))
        return known[kind, case]

    return rounds


@every_case
def test_points_are_new_and_allowed_and_within_the_budget(kind, case, learnt):
    learner, rounds, space = make(kind, case), learnt(kind, case), CASES[kind][case][0]
    assert 0 < len(rounds) <= learner.rounds
    for number, values in enumerate(rounds):
        assert values.shape[1] == len(space.axes)
        assert len(values) <= room(learner.batch, number)
    points = np.concatenate(rounds)
    assert len(points) <= learner.budget
    assert len(np.unique(points, axis=0)) == len(points)
    assert space.valid(points).all()
    for axis, column in zip(space.axes, points.T, strict=True):
        if isinstance(axis, Interval):
            assert ((axis.low <= column) & (column <= axis.high)).all()
            assert not axis.integer or (column == np.rint(column)).all()
        else:
            assert all(axis.find(value) is not None for value in column)


@every_case
@pytest.mark.parametrize("known", [1, 2])
def test_who_is_told_the_same_goes_on_the_same(kind, case, known, learnt):
    rounds = learnt(kind, case)
    again = learn(kind, case, make(kind, case), rounds[:known])
    assert len(again) == len(rounds)
    for before, after in zip(rounds, again, strict=True):
        np.testing.assert_array_equal(before, after)


@every_case
def test_notes_of_the_axes_are_passed_on(kind, case):
    space, given = CASES[kind][case]
    noted = Choices("params.w", [1.0], note="params.w: 1 repeated value(s) dropped")
    wider = Space((*space.axes, noted), space.constraint)
    learner = plan(kind, wider, {"n": None, "seed": 0, "goals": ONE, **given})
    assert noted.note in learner.notes


# bayes

SAMPLERS = ("tpe", "cmaes", "nsga2", "qmc")


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_fewer_points_than_were_asked_for_all_run_once(sampler):
    space = Space((Range("params.fast", 5, 1, 4), Range("params.slow", 20, 10, 3)))
    given = {"n": 50, "seed": 0, "goals": ONE, "sampler": sampler}
    points = np.concatenate(learn("bayes", "tpe", plan("bayes", space, given)))
    expected = [(fast, slow) for fast in (5, 6, 7, 8) for slow in (20, 30, 40)]
    assert sorted(map(tuple, points)) == expected


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_constraint_that_bars_three_in_four_costs_no_point(sampler):
    axes = (Range("params.fast", 1, 1, 40), Range("params.slow", 1, 1, 40))
    space = Space(axes, Constraint("2 * fast < slow"))
    assert space.count_valid() == 380  # of 1,600
    given = {"n": 30, "seed": 0, "goals": ONE, "sampler": sampler}
    points = np.concatenate(learn("bayes", "tpe", plan("bayes", space, given)))
    assert len(np.unique(points, axis=0)) == len(points) == 30
    assert (2 * points[:, 0] < points[:, 1]).all()


@pytest.mark.parametrize("case", ["tpe", "cmaes", "nsga2"])
def test_a_sampler_comes_nearer_to_the_top(case, learnt):
    rounds = learnt("bayes", case)
    scores = [np.nanmean(score("bayes", case, values)) for values in rounds]
    assert scores[-1] > scores[0]


UNIT = Space(tuple(Interval(f"params.{name}", 0.0, 1.0) for name in "abc"))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("sampler", ["tpe", "cmaes", "nsga2"])
def test_every_round_brings_something_to_learn_from(sampler, seed):
    """With rounds as they are unless asked for: the third is better than the first, at random."""
    learner = plan("bayes", UNIT, {"n": 60, "seed": seed, "goals": ONE, "sampler": sampler})
    means = []
    for number in range(learner.rounds):
        values = learner.ask(number)
        scores = -((values - 0.3) ** 2).sum(axis=1, keepdims=True)
        learner.tell(values, scores)
        means.append(scores.mean())
    assert len(means) >= 3
    assert means[2] > means[0]


def test_qmc_covers_every_axis_evenly_from_its_first_point_on():
    learner = plan("bayes", UNIT, {"n": 32, "seed": 1, "goals": ONE, "sampler": "qmc"})
    sixteenths = np.sort(np.floor(16 * learner.ask(0)[:16]), axis=0)
    np.testing.assert_array_equal(sixteenths, np.arange(16)[:, None] + np.zeros(3))


@pytest.mark.parametrize(("batch", "points"), [(2, 4), (20, 15), (100, 75)])
def test_a_generation_fits_into_a_round(batch, points):
    assert generation(batch) == points


def test_another_seed_proposes_other_points():
    first, second = (make("bayes", "tpe", seed).ask(0) for seed in (0, 1))
    assert not np.array_equal(first, second)


def test_a_small_space_is_gone_through_and_then_it_ends(learnt):
    points = np.concatenate(learnt("bayes", "few points"))
    assert sorted(points[:, 0]) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"n": 0}, "search.n: bayes needs how many points to propose, 1 or more, got 0"),
        ({"n": None}, "search.n: bayes needs .* got None"),
        ({"batch": 1}, "search.batch: points of a round, 2 or more, got 1"),
        ({"batch": "x"}, "search.batch: points of a round, 2 or more, got x"),
        ({"sampler": "gp"}, "search.sampler: must be one of tpe, .* got 'gp'"),
        ({"sampler": "cmaes", "goals": TWO}, "search.sampler: cmaes searches for one metric"),
    ],
)
def test_bayes_refuses_what_it_cannot_serve(given, complaint):
    with pytest.raises(ValueError, match=complaint):
        plan("bayes", Space(GRID), {"n": 10, "seed": 0, "goals": ONE, **given})


def test_bayes_needs_an_axis():
    with pytest.raises(ValueError, match="bayes needs a swept number"):
        plan("bayes", Space(()), {"n": 10, "seed": 0, "goals": ONE})


def test_other_points_than_those_that_are_kept_are_a_fault():
    """As after an update of Optuna in the middle of a sweep."""
    learner = make("bayes", "cmaes")
    with pytest.raises(RuntimeError, match="cmaes proposes other points for round 0 than are kept"):
        learner.tell(np.full((9, 2), 10.0), np.zeros((9, 1)))


# refine


def test_refine_begins_with_an_even_grid_over_the_whole_space():
    values = plan("refine", Space(GRID), {"n": 50, "goals": ONE}).ask(0)
    assert len(values) == 25
    assert np.diff(np.unique(values[:, 0])).tolist() == [8] * 4
    assert np.unique(values[:, 0]).tolist() == [8, 16, 24, 32, 40]  # 5..44: ends left alike


def test_refine_halves_its_step_around_the_top():
    """Worked by hand: 0, 8, ..., 64; then 2 apart from 24 to 40, then every value from 30 on."""
    space = Space((Range("params.fast", 0, 1, 65),))
    learner = plan("refine", space, {"n": 18, "goals": ONE, "rounds": 3, "factor": 4.0})
    asked = []
    for number in range(3):
        values = learner.ask(number)
        learner.tell(values, -((values - 33) ** 2))
        asked.append(sorted(values[:, 0]))
    assert asked[0] == list(range(0, 65, 8))
    assert asked[1] == [26, 28, 30, 34, 36]
    assert 33 in asked[2]


def test_refine_looks_on_all_sides_where_it_cannot_look_everywhere():
    """Of 125 or more around one of the best there is room for 33: all neighbours come first."""
    axes = tuple(Range(f"params.{name}", 0, 1, 9) for name in "abc")
    learner = plan("refine", Space(axes), {"n": 66, "goals": ONE, "rounds": 2, "factor": 3})
    coarse = learner.ask(0)
    assert len(coarse) == 27
    learner.tell(coarse, -((coarse - 4) ** 2).sum(axis=1, keepdims=True))
    asked = learner.ask(1)
    assert len(asked) == 33
    near = (np.abs(asked[:, None] - coarse) <= 1).all(axis=2).sum(axis=0)
    assert near.max() == 26


def test_refine_finds_the_top_of_a_hill_among_a_million_points():
    axes = (Range("params.a", 0, 1, 1000), Range("params.b", 0, 1, 1000))
    learner = plan("refine", Space(axes), {"n": 2000, "goals": ONE})
    best = -np.inf
    for number in range(learner.rounds):
        values = learner.ask(number)
        scores = -np.hypot(values[:, :1] - 123, values[:, 1:] - 777)
        learner.tell(values, scores)
        best = max(best, scores.max())
    assert best == 0


@pytest.mark.parametrize("axes", [GRID, MIXED])
def test_refine_says_when_its_rounds_leave_gaps(axes):
    notes = plan("refine", Space(axes), {"n": 20, "goals": ONE, "rounds": 2}).notes
    assert any("even the last round has params.fast in steps of " in note for note in notes)
    assert plan("refine", Space(axes), {"n": 20, "goals": ONE, "rounds": 30}).notes == ()


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"n": 1}, "search.n: refine needs how many points to run, 2 or more, got 1"),
        ({"n": None}, "search.n: .* got None"),
        ({"rounds": 0}, "search.rounds: must be a whole number from 1 to 30, got 0"),
        ({"rounds": 2.5}, "search.rounds: .* got 2.5"),
        ({"factor": 1}, "search.factor: must be above 1 and at most 100, got 1"),
        ({"factor": "x"}, "search.factor: .* got 'x'"),
        ({"goals": TWO}, "search.metric: refine looks for one metric, got 2; use bayes"),
    ],
)
def test_refine_refuses_what_it_cannot_serve(given, complaint):
    with pytest.raises(ValueError, match=complaint):
        plan("refine", Space(GRID), {"n": 100, "goals": ONE, **given})


def test_refine_needs_an_axis_of_a_size_it_can_list():
    with pytest.raises(ValueError, match="refine needs a swept number"):
        plan("refine", Space(()), {"n": 10, "goals": ONE})
    with pytest.raises(ValueError, match=r"params.a: refine takes up to 1,000,000 values"):
        plan("refine", Space((Range("params.a", 0, 1, 10**8),)), {"n": 10, "goals": ONE})
    with pytest.raises(ValueError, match="constraint 'fast < 0': met by no point"):
        plan("refine", Space(GRID, Constraint("fast < 0")), {"n": 10, "goals": ONE})
