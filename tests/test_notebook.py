"""docs/notebook.ipynb runs, and shows what it gives today."""

import sys

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from nbclient import NotebookClient

from tests.documents import ROOT

pytestmark = pytest.mark.slow

PATH = ROOT / "docs" / "notebook.ipynb"
PLOT = "application/vnd.plotly.v1+json"
COMMITTED = nbformat.read(PATH, 4)


class ThisPython(KernelSpecManager):
    """The one kernel there is: the Python that runs the tests."""

    def get_kernel_spec(self, kernel_name):
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=argv, display_name="Python 3", language="python")


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """The notebook, run in a folder of its own."""
    folder = tmp_path_factory.mktemp("notebook")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        patch.setenv("IPYTHONDIR", str(folder / "ipython"))
        patch.setenv("JUPYTER_RUNTIME_DIR", str(folder / "runtime"))
        notebook = nbformat.read(PATH, 4)
        client = NotebookClient(
            notebook,
            timeout=100,
            resources={"metadata": {"path": str(folder)}},
            record_timing=False,
        )
        client.create_kernel_manager().kernel_spec_manager = ThisPython()
        client.execute()
    assert not (folder / "results").exists()
    return notebook


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def texts(notebook):
    """What each cell of code shows as text."""
    return [
        [
            output.data["text/plain"]
            for output in cell.outputs
            if "text/plain" in output.get("data", {})
        ]
        for cell in code_cells(notebook)
    ]


def figures(notebook):
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    return [output.data[PLOT] for output in outputs if PLOT in output.get("data", {})]


@pytest.mark.kill
def test_it_shows_what_it_gives_today(fresh):
    shown = texts(COMMITTED)
    assert shown == texts(fresh)
    assert sum(map(bool, shown)) >= 7
    assert "best from luck alone" in str(shown)
    assert ["True"] in shown  # the backtest repeats the sweep bit for bit


@pytest.mark.kill
def test_its_plots_are_those_of_today(fresh):
    heat, lines = figures(COMMITTED)
    assert heat["data"][0]["type"] == "heatmap"
    assert [line["name"] for line in lines["data"]] == ["best of the sweep", "buy and hold"]
    assert [each["data"] for each in figures(fresh)] == [heat["data"], lines["data"]]


def test_it_sweeps_by_the_name_that_the_package_gives():
    code = "".join(cell.source for cell in code_cells(COMMITTED))
    assert "from sweeper import Backtest, Sweep, run_backtest" in code
    assert code.count("Sweep(") == 2
    for method in (".heatmap(", ".frame()", ".luck()", ".best()", ".walk_forward()"):
        assert method in code


def test_it_was_committed_executed_in_order_and_small():
    counts = [cell.execution_count for cell in code_cells(COMMITTED)]
    assert counts == list(range(1, len(counts) + 1))
    assert PATH.stat().st_size < 300_000


def test_nothing_in_it_went_wrong_or_names_a_machine():
    kinds = {output.output_type for cell in code_cells(COMMITTED) for output in cell.outputs}
    assert kinds <= {"execute_result", "display_data"}
    assert str(ROOT) not in PATH.read_text()
    assert "/tmp/" not in PATH.read_text()
