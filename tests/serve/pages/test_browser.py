"""Nine journeys through the pages in a browser: no console error, no foreign request, axe clean."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

from tests.documents import ROOT
from tests.promote.promoted import desk_in, promoted
from tests.promote.promoted import swept as template_of
from tests.serve.served import TOKENS

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.kill,
    pytest.mark.skipif(CHROMIUM is None, reason="needs a Chromium on the PATH"),
]
WIDE, PHONE = {"width": 1400, "height": 900}, {"width": 390, "height": 844}
LOOKS = [(WIDE, "light"), (WIDE, "dark"), (PHONE, "light"), (PHONE, "dark")]


@contextmanager
def serving(root, profiles, tokens):
    tokens.write_text(json.dumps(TOKENS))
    tokens.chmod(0o600)
    words = ["-m", "serve", "--port", "0", "--root", str(root), "--profiles", str(profiles)]
    with subprocess.Popen(
        [sys.executable, *words, "--token-file", str(tokens)], stdout=subprocess.PIPE, text=True,
        cwd=ROOT, env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as server:  # fmt: skip
        link = re.search(r"http://127\.0\.0\.1:\d+/login\?link=\S+", server.stdout.readline())[0]
        yield link
        server.send_signal(signal.SIGKILL)


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A store with one small sweep of 73 configurations, promoted as `scalp`, not approved."""
    folder = tmp_path_factory.mktemp("browser")
    template_of(folder / "template")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("promote.audit.git_tree.changed_files", tuple)
        made = desk_in(folder, folder / "template")
        promoted(made)
    return made


@pytest.fixture(scope="module")
def link(desk, tmp_path_factory):
    with serving(desk.root, desk.profiles, tmp_path_factory.mktemp("tokens") / "tokens") as link:
        yield link


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def session(chromium, link):
    """Cookies of a browser that has used the link."""
    context = chromium.new_context()
    context.new_page().goto(link)
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def page(chromium, session, link):
    """A wide page; at its end nothing has gone wrong, and no other host was asked."""
    context = chromium.new_context(
        viewport=WIDE, storage_state=session, base_url=link.partition("/login")[0]
    )
    page, wrong, asked = context.new_page(), [], []
    page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    yield page
    context.close()
    assert wrong == []
    own = (link.partition("/login")[0], "data:", "blob:")
    assert [url for url in asked if not url.startswith(own)] == []


def drawn(page, place):
    """Wait for a figure; its element."""
    page.wait_for_selector(f"#{place} .main-svg")
    return page.locator(f"#{place}")


def test_1_from_the_list_to_an_experiment_by_search(page):
    page.goto("/")
    page.get_by_label("Strategy").fill("sma")
    page.get_by_role("button", name="Search").click()
    assert "strategy=sma" in page.url
    page.locator("tbody th a").first.click()
    assert page.locator("h1").inner_text()
    drawn(page, "heat")


def test_2_a_click_on_the_map_shows_the_run_of_the_cell_under_it(page):
    page.goto("/view/experiments/latest")
    box = drawn(page, "heat").locator(".nsewdrag").first.bounding_box()
    page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.4 * box["height"])
    page.wait_for_selector("#heat .hoverlayer .hovertext")
    shown = page.locator("#heat .hoverlayer .hovertext").first.text_content()
    page.mouse.click(box["x"] + 0.6 * box["width"], box["y"] + 0.4 * box["height"])
    page.wait_for_url("**cell=**")
    drawn(page, "equity")
    params = page.locator(".pair .params b").all_inner_texts()
    assert all(value in shown for value in params), (params, shown)


def test_3_the_map_goes_by_keyboard_alone(page):
    page.goto("/view/experiments/latest")
    drawn(page, "heat")
    page.locator("#heat").focus()
    for key in ("ArrowRight", "ArrowUp", "ArrowUp", "ArrowDown"):
        page.keyboard.press(key)
    told = page.locator("#cell").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**cell=1%2C1")
    params = page.locator(".pair .params b").all_inner_texts()
    assert [value for value in params if value not in told] == [], (params, told)
    page.go_back()
    assert "cell=" not in page.url


def test_4_runs_are_filtered_sorted_and_paged_and_the_address_holds_all_of_it(page):
    page.goto("/view/experiments/latest")
    page.get_by_label("Only runs with").fill("fast >= 5")
    page.get_by_role("button", name="Filter").click()
    page.get_by_role("link", name="fast").click()
    page.get_by_role("link", name="fast ▲").or_(page.get_by_role("link", name="fast ▼")).click()
    rows = page.locator("#all ~ .scroll tbody tr")
    first = rows.first.inner_text()
    page.reload()
    assert rows.first.inner_text() == first
    page.get_by_role("link", name="Next page").click()
    assert rows.first.inner_text() != first
    assert "filter=fast" in page.url


def test_5_a_run_has_its_price_equity_months_costs_and_a_file_to_hand_on(page, tmp_path):
    page.goto("/view/runs/latest/best")
    for place in ("price", "equity", "months"):
        drawn(page, place)
    assert "3 times" in page.get_by_label("Table of costs").inner_text()
    with page.expect_download() as download:
        page.get_by_role("link", name="report as one file").click()
    download.value.save_as(tmp_path / "report.html")
    assert b"http-equiv" in (tmp_path / "report.html").read_bytes()


def test_6_two_runs_are_compared_by_their_curves(page):
    page.goto("/view/runs/latest/best")
    page.get_by_role("link", name="compare", exact=True).click()
    page.get_by_label("B", exact=True).fill("latest/0")
    page.get_by_role("button", name="Compare").click()
    drawn(page, "curves")
    assert "B less A" in page.locator("main").inner_text()


def test_7_a_sweep_from_its_strategy_to_its_results(page):
    page.goto("/view/strategies")
    page.get_by_role("link", name="sma", exact=True).click()
    page.get_by_label("fast").fill("5,10")
    page.get_by_label("slow").fill("40,60")
    page.get_by_label("Name").fill("journey")
    page.get_by_role("button", name="Show the plan").click()
    assert "params.fast=5" in page.url
    assert "5 configurations" in page.get_by_label("Plan").inner_text()
    page.get_by_role("button", name="Start this sweep").click()
    page.wait_for_selector("text=Sweep done", timeout=50_000)  # told by events; no reload of ours
    page.get_by_role("link", name="Show the results").click()
    assert page.locator("h1").inner_text() == "journey"


def test_8_a_profile_is_approved_with_its_typed_name_and_token(page):
    page.goto("/view/promotion")
    page.get_by_label("Type scalp/v1").fill("scalp/v1")
    page.get_by_label("Who you are").fill("ann@example.org")
    page.get_by_label("Token of approve").fill(TOKENS["approve"])
    page.get_by_role("button", name="Approve").click()
    assert "Approved by ann@example.org" in page.locator("main").inner_text()


def test_9_by_keyboard_from_the_top_into_the_page(page):
    page.goto("/view/luck")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")
    page.keyboard.press("Tab")
    style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert style == "solid"
    assert "configurations" in page.get_by_label("Ledger").inner_text()


PAGES = [
    *("/", "/?tag=none", "/view/experiments/latest?cell=0,1", "/view/runs/latest/best"),
    *("/view/compare", "/view/compare?a=latest/0&b=latest/best", "/view/luck"),
    *("/view/promotion", "/view/rollouts", "/view/operations", "/view/strategies"),
    *("/view/sweep", "/view/sweep?strategy=ensemble", "/login"),
]


@pytest.mark.parametrize(("viewport", "scheme"), LOOKS)
def test_every_page_is_within_its_width_and_axe_finds_nothing(
    chromium, session, link, viewport, scheme
):
    from axe_playwright_python.sync_playwright import Axe

    context = chromium.new_context(
        viewport=viewport, color_scheme=scheme, storage_state=session,
        base_url=link.partition("/login")[0], reduced_motion="reduce",
    )  # fmt: skip
    page, wrong = context.new_page(), {}
    for path in PAGES:
        page.goto(path)
        for place in page.locator(".plot").all():
            place.locator(".main-svg").first.wait_for()
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        rules = [each["id"] for each in Axe().run(page).response["violations"]]
        if over > 0 or rules:
            wrong[path] = (over, rules)
    context.close()
    assert wrong == {}
