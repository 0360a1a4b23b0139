"""make docs: the pages as a static site, whole, searched and read without a network."""

import re
import subprocess
import sys

import pytest

from tests.documents import ROOT


@pytest.mark.kill  # every page and the whole reference: ten seconds
def test_the_site_is_built_without_a_warning_and_asks_no_other_host(tmp_path):
    words = ["-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", "-c", "docs/site", "docs"]
    built = subprocess.run(
        [sys.executable, *words, str(tmp_path)], cwd=ROOT, capture_output=True, text=True
    )
    assert built.returncode == 0, built.stderr
    pages = {path.stem: path.read_text() for path in tmp_path.glob("*.html")}
    sources = {path.stem for path in (ROOT / "docs").glob("*.md")} | {"notebook"}
    assert set(pages) >= sources
    for name, page in pages.items():
        loaded = re.findall(r'<(?:script|link|img|iframe)[^>]+(?:src|href)="(https?:)?//', page)
        assert loaded == [], name
    assert "run_backtest" in pages["api"]
    assert "Sharpe" in pages["notebook"]
    assert "runbacktest" in (tmp_path / "searchindex.js").read_text().lower().replace("_", "")
