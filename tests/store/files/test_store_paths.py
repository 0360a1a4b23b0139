import pytest

from store.errors import BadName
from store.files.paths import (
    check_name,
    data_folder,
    experiment_folder,
    ledger_folder,
    ledger_keys_folder,
    registry_file,
    run_file,
)

HOSTILE = [
    "",
    ".",
    "..",
    "../x",
    "a/b",
    "/etc",
    "A",
    "-a",
    "_a",
    "a b",
    "a\n",
    "é",
    "a" * 64,
    "a\0",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_refused(name, tmp_path):
    with pytest.raises(BadName, match="a name is 1 to 63"):
        experiment_folder(tmp_path, name)


@pytest.mark.parametrize("name", ["a", "0", "exp-20260102-030405-ab12", "a" * 63, "a_b-c"])
def test_good_names_pass(name, tmp_path):
    assert check_name(name, "x") == name
    assert experiment_folder(tmp_path, name) == tmp_path / "v1" / name


def test_a_link_out_of_the_store_is_refused(tmp_path):
    outside = tmp_path / "outside"
    (outside / "blocks").mkdir(parents=True)
    folder = tmp_path / "results" / "v1"
    folder.mkdir(parents=True)
    (folder / "exp-1").symlink_to(outside)
    with pytest.raises(BadName, match=r"exp-1: leads out of the store .* remove the link"):
        experiment_folder(tmp_path / "results", "exp-1")
    (folder / "exp-2").mkdir()
    (folder / "exp-2" / "blocks").symlink_to(outside / "blocks")
    with pytest.raises(BadName, match="leads out"):
        run_file(tmp_path / "results", "exp-2", "blocks/000000.parquet")


@pytest.mark.parametrize("name", ["blocks", "errors", "proposals", "survivors"])
def test_no_folder_of_an_experiment_leads_out(name, tmp_path):
    (tmp_path / "outside").mkdir()
    folder = tmp_path / "results" / "v1" / "exp-1"
    folder.mkdir(parents=True)
    (folder / name).symlink_to(tmp_path / "outside")
    with pytest.raises(BadName, match=rf"exp-1/{name}: leads out of the store .* remove the link"):
        experiment_folder(tmp_path / "results", "exp-1")
    (folder / name).unlink()
    (folder / name).symlink_to(tmp_path / "results")
    assert experiment_folder(tmp_path / "results", "exp-1") == folder


@pytest.mark.parametrize(
    ("link", "path"),
    [
        ("ledger", ledger_folder),
        ("ledger/keys", ledger_keys_folder),
        ("registry.db", registry_file),
        ("data/bars", lambda root: data_folder(root, "bars")),
    ],
)
def test_what_is_kept_beside_them_does_not_lead_out(link, path, tmp_path):
    root = tmp_path / "results"
    (root / link).parent.mkdir(parents=True)
    assert path(root) == root / link
    (root / link).symlink_to(tmp_path / "outside")
    with pytest.raises(BadName, match=rf"{link}: leads out of the store"):
        path(root)


def test_the_root_itself_may_be_a_link(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "results").symlink_to(tmp_path / "disk")
    assert experiment_folder(tmp_path / "results", "exp-1").name == "exp-1"


@pytest.mark.parametrize(
    "name",
    ["../x.parquet", "blocks/../../x", "/etc/passwd", "blocks/1.parquet", "runs.parquet/x",
     "experiment.json", "blocks/000001.parquet\n"],
)  # fmt: skip
def test_a_record_cannot_name_other_files(name, tmp_path):
    with pytest.raises(BadName, match="no file of an experiment"):
        run_file(tmp_path, "exp-1", name)


@pytest.mark.parametrize(
    "name", ["blocks/000001.parquet", "errors/123456789.parquet", "runs.parquet", "runs-2.parquet"]
)
def test_the_files_of_an_experiment(name, tmp_path):
    assert run_file(tmp_path, "exp-1", name) == tmp_path / "v1" / "exp-1" / name
