"""A measurement that was ended goes on where it was."""

from benchmarks.report.journal import Journal, digest


def test_a_value_is_worked_out_once(tmp_path):
    path, made = tmp_path / "kept" / "a.jsonl", []

    def work():
        made.append(1)
        return {"gate": [True, ["spa"]]}

    for _ in range(2):
        assert Journal(path).of("luck 0", work) == {"gate": [True, ["spa"]]}
    assert made == [1]
    assert Journal(path).of("luck 1", lambda: 2) == 2


def test_a_line_that_was_torn_is_worked_out_again(tmp_path):
    path = tmp_path / "a.jsonl"
    Journal(path).of("x", lambda: 1)
    with path.open("a") as file:
        file.write('\n["y", {"hal')
    assert Journal(path).of("y", lambda: 7) == 7
    assert [Journal(path).of(name, lambda: 0) for name in ("x", "y")] == [1, 7]


def test_other_code_has_another_digest(tmp_path):
    one = tmp_path / "one.py"
    one.write_text("a = 1\n")
    before = digest([one])
    one.write_text("a = 2\n")
    assert digest([one]) != before
