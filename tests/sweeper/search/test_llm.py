"""search=llm against a server in a process of its own, which behaves and misbehaves."""

import json
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import numpy as np
import pytest

from store.ledger import ledger
from store.ledger.tried_keys import Subject
from store.query.results import Results
from store.records import experiment as experiments
from store.runs.parquet import encode
from sweeper.config.error_text import Interrupted
from sweeper.config.search import Goal
from sweeper.run.driver import sweep_cells
from sweeper.search import plan
from sweeper.space.axes import Choices, Range
from sweeper.space.constraint import Constraint
from sweeper.space.space import Space
from sweeper.sweep import sweep
from tests.sweeper.cli import run_cli
from tests.sweeper.interrupting import interrupt_after
from tests.sweeper.planned import make_cell

KEY = "sk-very-secret-0123456789"
GRID = (Range("params.fast", 2, 1, 58), Range("params.slow", 4, 2, 58))
SPACE = Space(GRID, Constraint("fast < slow"))
COMMAND = ["python", "-m", "sweeper", "-m"]
SWEEPS = ("params.fast=range(2,60)", "params.slow=range(4,120,2)")
SEARCH = {"kind": "llm", "batch": 4, "max_iterations": 3, "threshold": 0.0, "retries": 1}
FEW = [f"search.{name}={value}" for name, value in SEARCH.items() if name != "kind"]


@pytest.fixture(scope="module")
def port():
    script = Path(__file__).with_name("fake_llm.py")
    words = [sys.executable, str(script)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        yield int(process.stdout.readline())
        process.terminate()


class Fake:
    """The server as one test has it: its behaviour, and what it was asked."""

    def __init__(self, port, session, monkeypatch):
        self.port, self.session, self.monkeypatch = port, session, monkeypatch

    def behaves(self, behaviour):
        address = f"http://127.0.0.1:{self.port}/{behaviour}/{self.session}"
        given = {"LLM_API_KEY": KEY, "LLM_BASE_URL": address, "LLM_MODEL": "tiny"}
        for name, value in given.items():
            self.monkeypatch.setenv(name, value)

    @property
    def requests(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/log/{self.session}") as log:
            return json.load(log)


@pytest.fixture
def fake(port, request, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return Fake(port, re.sub(r"\W", "_", request.node.name), monkeypatch)


def make(space=SPACE, **given):
    goals = given.pop("goals", (Goal("sharpe", "max"),))
    options = {"batch": 4, "timeout": 0.3, "retries": 1} | given
    return plan("llm", space, {"n": None, "seed": 0, "goals": goals, **options})


def hill(values):
    return -(((values[:, :1] - 30) / 20) ** 2) - ((values[:, 1:2] - 80) / 40) ** 2


def after_the_first_round(**given):
    learner = make(**given)
    values = learner.ask(0)
    learner.tell(values, hill(values))
    return learner


def without_a_model(monkeypatch, **given):
    """Round 1 as the heuristic alone proposes it."""
    with monkeypatch.context() as patch:
        patch.delenv("LLM_API_KEY")
        return after_the_first_round(**given).ask(1)


@pytest.mark.parametrize("behaviour", ["good", "fenced", "busy", "plain", "corrected"])
def test_a_good_answer_is_proposed(fake, capsys, behaviour):
    fake.behaves(behaviour)
    values = after_the_first_round(timeout=10).ask(1)
    number = 0 if behaviour in ("good", "fenced") else 1
    assert values.tolist() == [[2 + number, slow] for slow in (62, 64, 66, 68)]
    assert len(fake.requests) == 1 + number
    assert capsys.readouterr().err == (
        "Note: search=llm round 1: tiny at 127.0.0.1 proposes 4 of 4 points; it says: "
        '"fast is [31mbetter low"\n'
    )


def test_the_server_is_asked_as_openai_documents_it(fake):
    fake.behaves("good")
    after_the_first_round(timeout=10).ask(1)
    (asked,) = fake.requests
    assert (asked["path"], asked["key"]) == ("chat/completions", f"Bearer {KEY}")
    assert asked["body"]["model"] == "tiny"
    assert asked["body"]["response_format"] == {"type": "json_object"}
    assert [message["role"] for message in asked["body"]["messages"]] == ["system", "user"]


def test_a_server_that_knows_no_response_format_is_asked_with_it_once(fake):
    fake.behaves("plain")
    learner = after_the_first_round(timeout=10)
    for number in (1, 2):
        values = learner.ask(number)
        learner.tell(values, hill(values))
    assert ["response_format" in one["body"] for one in fake.requests] == [True, False, False]


@pytest.mark.parametrize(
    ("behaviour", "asked", "complaint"),
    [
        ("malformed", 2, r"no use of its answer: it holds no JSON object"),
        ("schema", 2, r"no use of its answer: proposals: Field required"),
        ("silent", 2, r"no use of its answer: it holds no JSON object"),
        ("other", 1, r"no use of its answer: an answer that is no chat completion"),
        ("huge", 1, r"no use of its answer: an answer of more than 1,000,000 bytes"),
        ("slow", 2, r"no use of its answer: no answer within 0.3 s"),
        ("dribble", 1, r"no use of its answer: no answer within 0.3 s"),
        ("cut", 1, r"no use of its answer: no connection \(RemoteProtocolError\)"),
        ("broken", 2, r"no use of its answer: HTTP 500"),
        ("closed", 1, r"no use of its answer: HTTP 429"),
        ("refused", 1, r"no use of its answer: HTTP 401"),
    ],
)
def test_without_an_answer_the_heuristic_proposes_and_it_is_said(
    fake, monkeypatch, capsys, behaviour, asked, complaint
):
    fake.behaves(behaviour)
    values = after_the_first_round().ask(1)
    np.testing.assert_array_equal(values, without_a_model(monkeypatch))
    assert len(fake.requests) == asked
    told = capsys.readouterr().err
    assert re.search(f"^Note: search=llm round 1: .* proposes 0 of 4 points; {complaint}; ", told)
    assert "the seeded heuristic proposes 4" in told
    assert KEY not in told


def test_no_server_at_all_is_no_answer(monkeypatch, capsys):
    monkeypatch.setenv("LLM_API_KEY", KEY)
    monkeypatch.setenv("LLM_MODEL", "tiny")
    monkeypatch.setenv("LLM_BASE_URL", "http://127.0.0.1:9/v1")
    assert len(after_the_first_round(retries=0).ask(1)) == 4
    assert "no connection (APIConnectionError); the seeded heuristic" in capsys.readouterr().err


def test_bad_proposals_are_rejected_one_by_one_and_asked_for_again(fake, capsys):
    fake.behaves("outside")
    values = after_the_first_round(timeout=10).ask(1)
    assert values[0].tolist() == [7, 70]
    assert len(values) == 4
    assert SPACE.valid(values).all()
    first, second = (one["body"]["messages"] for one in fake.requests)
    assert second[:2] == first
    assert (
        "proposal 1: slow: Value error, 500 is no value of this parameter" in second[-1]["content"]
    )
    assert second[-1]["content"].endswith("Propose 3 others.")
    told = capsys.readouterr().err
    assert "tiny at 127.0.0.1 proposes 1 of 4 points; rejected: " in told
    for count in ("6 outside the space", "6 of a wrong type", "2 with unknown names"):
        assert count in told
    for count in ("2 incomplete", "2 against the constraint", "3 repeated"):
        assert count in told
    assert "the seeded heuristic proposes 3" in told
    assert "os.system" not in told


def test_a_model_of_which_nothing_comes_twice_is_not_asked_again(fake, capsys):
    fake.behaves("refused")
    learner = after_the_first_round()
    for number in (1, 2, 3, 4):
        values = learner.ask(number)
        assert len(values) == 4
        learner.tell(values, hill(values) + number)
    assert len(fake.requests) == 2
    assert "nothing came of it 2 times: the model is not asked again" in capsys.readouterr().err


def test_the_search_ends_when_the_best_stays_the_same(fake, capsys):
    fake.behaves("good")
    learner = after_the_first_round(timeout=10, patience=2, threshold=0.5)
    learner.tell(np.array([[2.0, 6.0]]), np.array([[1.0]]))
    assert len(learner.ask(2)) == 4
    learner.tell(np.array([[2.0, 8.0]]), np.array([[1.6]]))
    learner.tell(np.array([[2.0, 10.0]]), np.array([[1.4]]))
    assert len(learner.ask(4)) == 4  # 1.6 is 0.6 above the best of two rounds before
    learner.tell(np.array([[2.0, 12.0]]), np.array([[np.nan]]))
    assert learner.ask(5).shape == (0, 2)
    assert len(fake.requests) == 2
    told = capsys.readouterr().err
    assert "ends before round 5: the best sharpe got better by less than 0.5 in 2 rounds" in told


def test_a_threshold_of_nothing_never_ends_it():
    learner = after_the_first_round(threshold=0, patience=1)
    for number in range(1, 6):
        values = learner.ask(number)
        assert len(values) == 4
        learner.tell(values, np.full((4, 1), -1e9))


def cell(root, **search):
    return make_cell(
        *SWEEPS, store={"root": str(root)}, executor="inline", search={**SEARCH, **search}
    )


def rows(root):
    return encode(Results(root).runs().drop_columns(["experiment_id"]))


@pytest.mark.parametrize("blocks", [1, 3, 4, 6])
def test_a_sweep_that_was_stopped_asks_for_no_round_again(tmp_path, monkeypatch, fake, blocks):
    fake.behaves("good")
    with monkeypatch.context() as patch:
        interrupt_after(patch, blocks)
        with pytest.raises(Interrupted):
            sweep_cells([cell(tmp_path)], COMMAND)
    before = len(fake.requests)
    assert before < 3
    finished = sweep_cells([cell(tmp_path)], COMMAND)
    assert len(fake.requests) == 3
    assert finished.counts["done"] == finished.counts["planned"] == 2 * (1 + 10 + 3 * 4)
    tried = {
        (row["params.fast"], row["params.slow"]) for row in Results(tmp_path).runs().to_pylist()
    }
    assert {(2 + number, slow) for number in range(3) for slow in (62, 64, 66, 68)} <= tried
    kept = rows(tmp_path)
    sweep_cells([cell(tmp_path)], COMMAND)
    assert (rows(tmp_path), len(fake.requests)) == (kept, 3)


def test_the_ledger_counts_what_the_model_proposed(tmp_path, fake):
    fake.behaves("good")
    experiment = sweep_cells([cell(tmp_path)], COMMAND)
    fingerprint = experiment.groups[0].fingerprint
    assert ledger.counts(tmp_path)[Subject("SYN-TREND", fingerprint, "sma")] == 1 + 10 + 3 * 4


def test_the_model_is_told_the_metric_as_it_is(tmp_path, fake):
    fake.behaves("good")
    sweep_cells([cell(tmp_path, metric="max_drawdown", mode="min", max_iterations=1)], COMMAND)
    (asked,) = fake.requests
    text = asked["body"]["messages"][1]["content"]
    assert "Looked for: lowest max_drawdown." in text
    told = [json.loads(line)["max_drawdown"] for line in text.splitlines() if line[0] == "{"]
    assert len(told) == 10
    assert told == sorted(told)
    assert min(told) > 0


@pytest.mark.parametrize("behaviour", ["good", "refused"])
def test_the_key_is_nowhere(tmp_path, monkeypatch, capsys, fake, behaviour):
    monkeypatch.chdir(tmp_path)
    fake.behaves(behaviour)
    ended = run_cli(monkeypatch, capsys, "-m", *SWEEPS, "search=llm", *FEW, "report=true")
    assert ended.code == 0
    assert fake.requests[0]["key"] == f"Bearer {KEY}"
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 5
    assert KEY not in ended.out + ended.err
    assert [path for path in files if KEY.encode() in path.read_bytes()] == []
    assert "asks tiny at 127.0.0.1; the space and the scores are sent there" in " ".join(
        ended.out.split()
    )


def test_the_report_for_a_pull_request_says_who_searched(tmp_path, monkeypatch, capsys, fake):
    monkeypatch.chdir(tmp_path)
    fake.behaves("good")
    assert run_cli(monkeypatch, capsys, "-m", *SWEEPS, "search=llm", *FEW, "report=true").code == 0
    (report,) = tmp_path.rglob("*.md")
    text = report.read_text()
    assert "search=llm" in text
    assert "23 done" in text
    assert "Sharpe of the best without skill" in text


def test_json_on_standard_output_stays_json(tmp_path, monkeypatch, capsys, fake):
    monkeypatch.chdir(tmp_path)
    fake.behaves("good")
    ended = run_cli(monkeypatch, capsys, "-m", *SWEEPS, "search=llm", *FEW, "output=json")
    assert json.loads(ended.out)
    assert "search=llm round 1: tiny at 127.0.0.1 proposes 4 of 4" in ended.err


def test_without_a_key_a_sweep_says_so_and_the_heuristic_proposes(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = (*SWEEPS, "search=llm", *FEW, "executor=inline")
    experiment = sweep(*words, "store.root=one")
    out = " ".join(capsys.readouterr().out.split())
    assert "neither LLM_API_KEY nor DEEPSEEK_API_KEY is set; a seeded heuristic" in out
    assert experiment.counts["done"] == 1 + 10 + 3 * 4
    sweep(*words, "store.root=two")
    assert rows("one") == rows("two")
    assert [one.status for one in experiments.every(Path("one").absolute())] == ["done"]


def test_the_heuristic_comes_nearer_to_the_top():
    learner = make(max_iterations=10, batch=10, threshold=0)
    means = []
    for number in range(learner.rounds):
        values = learner.ask(number)
        learner.tell(values, hill(values))
        means.append(hill(values).mean())
    assert np.mean(means[-3:]) > np.mean(means[:3])
    assert hill(learner.ask(0)).max() < max(score for score in learner._scores.values())


def test_points_at_most_are_n_or_all_there_are():
    assert make(n=7).budget == 7
    assert make(n=10**6).budget == make().budget == 10 + 10 * 4
    assert make(Space((Choices("params.fast", [1.0, 2.0, 3.0]),))).budget == 3


def test_few_results_before_the_first_proposal_are_noted():
    assert "3 results are few to learn from" in make(min_history=3).notes[-1]
    assert len(make(min_history=10).notes) == 1


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"n": 0}, "search.n: llm needs how many points at most, 1 or more, got 0"),
        ({"max_iterations": 0}, "search.max_iterations: must be a whole number from 1 to 1000"),
        ({"batch": 1}, "search.batch: must be a whole number from 2 to 100, got 1"),
        ({"batch": 2.5}, "search.batch: .* got 2.5"),
        ({"min_history": 0}, "search.min_history: must be a whole number from 1 to 10000, got 0"),
        ({"patience": True}, "search.patience: .* got True"),
        ({"retries": 11}, "search.retries: must be a whole number from 0 to 10, got 11"),
        ({"threshold": -1}, "search.threshold: must be a number from 0 to 1e"),
        ({"threshold": float("nan")}, "search.threshold: .* got nan"),
        ({"timeout": 0}, "search.timeout: must be a number from 0.1 to 3600, got 0"),
        ({"timeout": "x"}, "search.timeout: .* got 'x'"),
        (
            {"goals": (Goal("sharpe", "max"), Goal("calmar", "max"))},
            "search.metric: llm looks for one metric, got 2; use bayes",
        ),
    ],
)
def test_llm_refuses_what_it_cannot_serve(given, complaint):
    with pytest.raises(ValueError, match=complaint):
        make(**given)


def test_llm_needs_an_axis_and_points():
    with pytest.raises(ValueError, match="llm needs a swept number"):
        make(Space(()))
    with pytest.raises(ValueError, match="constraint 'fast < 0': met by 0"):
        make(Space(GRID, Constraint("fast < 0")))


def test_a_missing_package_is_said_before_the_start(monkeypatch):
    monkeypatch.setenv("DEEPSEEK_API_KEY", KEY)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ValueError, match="python -m pip install openai") as error:
        make()
    assert KEY not in str(error.value)
