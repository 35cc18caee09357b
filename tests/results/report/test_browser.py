"""The report in a real browser, without a network and without an error."""

import shutil

import pytest

from results.leaderboard import Leaderboard
from results.records.exhibits import Exhibits

EVIL = "<script>alert(1)</script>"
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0"
    "0000030101007d0f6c2f0000000049454e44ae426082"
)
MODELS = {"SVC": [0], "LinearSVC": [0, 1], "GaussianNB": [0, 1, 2, 3]}


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
