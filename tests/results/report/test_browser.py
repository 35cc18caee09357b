"""The report in a real browser, without a network and without an error."""

import json
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from results.curve.curve import Curve
from results.leaderboard import Leaderboard
from results.records.exhibits import Exhibits

EVIL = "<script>alert(1)</script>"
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0"
    "0000030101007d0f6c2f0000000049454e44ae426082"
)
MODELS = {"SVC": [0], "LinearSVC": [0, 1], "GaussianNB": [0, 1, 2, 3]}


# What would get into a page if something let it in, and what it would do there.
INJECTED = """<script>document.title = "taken"</script>
<script src="{elsewhere}/x.js"></script>
<img src="{elsewhere}/x.png" onerror="document.title = 'taken'">
<img src="x.png" onerror="document.title = 'taken'">
<svg onload="document.title = 'taken'"></svg>
<iframe src="{elsewhere}/frame.html"></iframe>
<object data="{elsewhere}/object.svg"></object>
<style>@import "{elsewhere}/x.css"; h1 { display: none; }</style>
<link rel="stylesheet" href="{elsewhere}/y.css">
<p id="styled" style="position: fixed">.</p>
<base href="{elsewhere}/">
<a id="led" href="javascript:void(document.title = 'taken')">a link</a>
<form id="sent" action="{elsewhere}/form"><input name="secret" value="1"></form>
"""


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.skip("there is no Chromium or Chrome on the path")
    with playwright.sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def opened(browser, keep, store, tmp_path):
    """A report opened: the page, and every error and request that came of it."""
    classes = (EVIL, "chevron", "rounded")
    heat = {"method": "gradcam", "split": "test", "layer": "body.3", "ids": ["test/0.png"]}
    history = [{"epoch": k, "loss": 1 / k, "accuracy": 1 - 1 / k} for k in (1, 2, 3)]
    for model, wrong in MODELS.items():
        keep(model, {"test": wrong}, classes=classes, fit_seconds=float(len(wrong)))
    keep(
        "ResNet9",
        {"test": [1, 2], "val": [0]},
        family="deep",
        fit_seconds=50.0,
        classes=classes,
        provenance={
            "history": history,
            "explanation": {**heat, "maps": [[[0, 255], [9, 0]]]},
        },
    )
    keep("ResNet34", family="deep", classes=classes, status="timeout", reason=f"after {EVIL}")
    Exhibits(store.folder, "f00d").keep_pictures({"test/0.png": PICTURE})
    Leaderboard.from_store(store).write(tmp_path)
    page, trouble = browser.new_page(viewport={"width": 390, "height": 844}), []
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("dialog", lambda dialog: trouble.append(dialog.message))
    page.on(
        "request", lambda r: trouble.append(r.url) if r.url[:5] not in ("data:", "file:") else 0
    )
    page.goto((tmp_path / "report.html").as_uri())
    yield page, trouble
    page.close()


@pytest.fixture
def elsewhere():
    """A server that a page must not ask: its address, and what it was asked for."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *given):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


def check_that_nothing_gets_in(browser, path, elsewhere):
    """Put what must not work into a page's body: it doesn't, and without the policy it does."""
    address, asked = elsewhere
    text = path.read_text("utf-8")
    harmed = text.replace("</h1>", "</h1>" + INJECTED.replace("{elsewhere}", address), 1)
    position = "getComputedStyle(document.querySelector('#styled')).position"
    for is_open in (True, False):
        asked.clear()
        place = path.with_name("harmed.html")
        place.write_text(
            harmed.replace("Content-Security", "No-Such") if is_open else harmed, "utf-8"
        )
        page = browser.new_page()
        page.goto(place.as_uri())
        page.locator("#led").click()
        taken = page.title() == "taken", page.evaluate(position) == "fixed"
        page.evaluate("document.querySelector('#sent').submit()")
        page.wait_for_timeout(300)
        assert taken == (is_open, is_open)
        names = {
            "/x.js",
            "/x.png",
            "/x.css",
            "/y.css",
            "/frame.html",
            "/object.svg",
            "/form?secret=1",
        }
        assert set(asked) & names == (names if is_open else set())
        page.close()
    assert asked == []


def models(page):
    """The names of the rows that the visible board shows, in order."""
    names = page.locator("div[data-split]:not(.off) table.board tbody tr:not(.off) th")
    return names.all_text_contents()


def test_it_opens_without_an_error_or_a_request_and_shows_every_row(opened):
    page, trouble = opened
    assert sorted(models(page)) == sorted([*MODELS, "ResNet9", "ResNet34"])
    assert page.locator("table.board:visible").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    broken = "[...document.images].filter(image => image.complete && !image.naturalWidth).length"
    assert page.evaluate(broken) == 0
    assert trouble == []


def test_nothing_that_gets_into_a_report_runs_or_is_loaded(browser, opened, tmp_path, elsewhere):
    check_that_nothing_gets_in(browser, tmp_path / "report.html", elsewhere)


def test_the_policy_would_be_broken_without_its_hashes(browser, opened, tmp_path):
    """The policy is in force: one byte more in the script, and the script is not run."""
    text = (tmp_path / "report.html").read_text("utf-8")
    (tmp_path / "other.html").write_text(
        text.replace('"use strict";', '"use strict"; ', 1), "utf-8"
    )
    page = browser.new_page()
    page.goto((tmp_path / "other.html").as_uri())
    assert not page.locator("form.controls").is_visible()
    page.close()


def test_everything_is_used_without_breaking_the_policy(opened):
    page, trouble = opened
    page.locator("table.board:visible th button").first.click()
    page.fill("[name=find]", "net")
    page.check("[name=more]")
    page.locator(".choice label", has_text="val").click()
    page.fill("[name=find]", "")
    page.locator("table.board:visible a", has_text="ResNet9").click()
    page.locator("svg.cost:visible .point").first.hover()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    shades = """[...document.querySelectorAll('details[open] .matrix td.hit')]
        .map(cell => getComputedStyle(cell).backgroundColor)"""
    # A class that is always found, and one that is half the time: 0.55 of the share.
    assert {"rgba(10, 102, 168, 0.55)", "rgba(10, 102, 168, 0.275)"} <= {*page.evaluate(shades)}
    assert page.evaluate("document.querySelectorAll('[style]').length") == 0
    assert trouble == []


def test_it_sorts_by_a_heading_and_says_so(opened):
    page, _ = opened
    heading = page.locator("table.board:visible th", has_text="Total s")
    heading.locator("button").click()
    assert heading.get_attribute("aria-sort") == "ascending"
    assert models(page) == ["SVC", "LinearSVC", "GaussianNB", "ResNet9", "ResNet34"]
    heading.locator("button").press("Enter")
    assert heading.get_attribute("aria-sort") == "descending"
    assert models(page) == ["ResNet9", "GaussianNB", "LinearSVC", "SVC", "ResNet34"]
    assert page.locator("table.board:visible th[aria-sort]").count() == 1


def test_it_filters_and_counts(opened):
    page, _ = opened
    page.fill("[name=find]", "svc")
    assert sorted(models(page)) == ["LinearSVC", "SVC"]
    assert page.locator("output").inner_text() == "2 of 5 rows"
    page.fill("[name=find]", "")
    page.select_option("[name=family]", "deep")
    assert sorted(models(page)) == ["ResNet34", "ResNet9"]


def test_it_changes_the_split_and_shows_more_columns(opened):
    page, _ = opened
    assert "test: 6 pictures" in page.locator("table.board:visible caption").inner_text()
    page.locator(".choice label", has_text="val").click()
    assert "val: 4 pictures" in page.locator("table.board:visible caption").inner_text()
    assert page.locator("#cost figure[data-split]:visible").count() == 1
    hidden = page.locator("table.board:visible th", has_text="Log loss")
    assert not hidden.is_visible()
    page.check("[name=more]")
    assert hidden.is_visible()


def test_a_name_opens_its_model_with_class_names_as_text(opened):
    page, trouble = opened
    page.locator("table.board:visible a", has_text="ResNet9").click()
    panel = page.locator("details[open]")
    assert panel.count() == 1
    assert EVIL in panel.locator("table.matrix:visible").inner_text()
    assert panel.locator("figure:visible", has_text="Loss").count() == 1
    assert trouble == []


def test_without_scripts_nothing_is_hidden(browser, opened):
    page, _ = opened
    plain = browser.new_context(java_script_enabled=False).new_page()
    plain.goto(page.url)
    assert plain.locator("table.board:visible").count() == 2
    assert not plain.locator("form.controls").is_visible()
    plain.close()


def test_the_marks_of_the_chart_can_be_reached_and_read_with_the_keyboard(opened):
    page, trouble = opened
    figure = page.locator("#cost figure:visible")
    chart = figure.locator("svg.cost:visible")
    assert chart.locator(".point[tabindex='0']").count() == 1, "one stop of the Tab key"
    names = set()
    chart.locator(".point[tabindex='0']").focus()
    page.keyboard.press("Home")
    for _ in range(4):
        said = figure.locator(".readout").inner_text()
        names.add(said.split(":")[0])
        # What is shown is also the mark's accessible name.
        assert chart.get_by_role("img", name=said, exact=True).count() == 1
        page.keyboard.press("ArrowRight")
    assert names == {*MODELS, "ResNet9"}
    assert "ResNet9: accuracy" in figure.locator(".readout").inner_text(), "the slowest is last"
    assert trouble == []


# As on A4 with margins of 12 mm, at 96 dots per inch.
PAPER = {"width": 703, "height": 1000}
CUT = """[...document.querySelectorAll("table")].filter(
    table => table.checkVisibility() && table.getBoundingClientRect().right > innerWidth
).map(table => table.caption.textContent)"""


def test_on_paper_every_panel_is_open_and_no_table_is_cut(opened):
    page, trouble = opened
    page.set_viewport_size(PAPER)
    page.check("[name=more]")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator("details:not([open])").count() == 0
    assert page.locator("table.matrix:visible").count() == 4
    assert page.locator("figure:visible", has_text="Loss").count() == 1
    assert page.locator("table.board th.total:visible").count() == 1
    assert page.evaluate(CUT) == []
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details[open]").count() == 0
    assert trouble == []


def test_on_paper_panels_are_open_without_scripts_too(browser, opened):
    page, _ = opened
    plain = browser.new_context(java_script_enabled=False, viewport=PAPER).new_page()
    plain.goto(page.url)
    plain.emulate_media(media="print")
    assert plain.locator("details[open]").count() == 0
    assert plain.locator("table.matrix:visible").count() == 8
    plain.close()


def test_a_curve_keeps_its_policy_and_nothing_gets_in(
    browser, store, record, answers, tmp_path, elsewhere
):
    subsets = []
    for size in (20, 40):
        trials = []
        for name, family, share in (("Forest", "classical", 4), ("Net", "deep", 5)):
            made = record(name, family=family, fingerprint=f"size{size}", splits={"test": 30})
            store.save(made, answers(made, {"test": range(size // share)}))
            trials.append(made.trial)
        subsets.append({"size": size, "seed": 1, "trials": trials})
    about = {"dataset": "folds", "preset": "published", "subsets": subsets}
    (store.folder / "curve.json").write_text(json.dumps(about))
    Curve.from_store(store).write(tmp_path)
    page, trouble = browser.new_page(), []
    page.on("console", lambda message: trouble.append(message.text))
    page.goto((tmp_path / "curve.html").as_uri())
    assert page.locator("svg.curve polyline").count() == 2
    axis = "getComputedStyle(document.querySelector('svg .faint')).opacity"
    assert page.evaluate(axis) == "0.2", "the figure has its style"
    margin = "getComputedStyle(document.querySelector('figure')).marginLeft"
    assert page.evaluate(margin) == "0px"
    assert trouble == []
    page.close()
    check_that_nothing_gets_in(browser, tmp_path / "curve.html", elsewhere)


def test_rules_run_under_the_name_that_stays(opened):
    page, _ = opened
    edges = page.evaluate(
        """[...document.querySelectorAll("table.board tbody tr")].filter(r => r.checkVisibility())
        .flatMap(row => [row.getBoundingClientRect().height % 1,
                         row.cells[1].getBoundingClientRect().bottom
                         - row.cells[0].getBoundingClientRect().bottom])"""
    )
    assert set(edges) == {0}
    style = "getComputedStyle(document.querySelector('table')).borderCollapse"
    assert page.evaluate(style) == "separate"
