from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import product

import numpy as np
import pytest

from results.leaderboard import Leaderboard
from results.report.page import report_page

EVIL = "<script>alert(1)</script>"
VOID = {"meta", "link", "br", "wbr", "img", "input"}


class Page(HTMLParser):
    """Which tags a page has, with their attributes, and whether every one is closed."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.words = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


@pytest.fixture
def page_of(store, tmp_path):
    def page():
        Leaderboard.from_store(store).write(tmp_path)
        return (tmp_path / "report.html").read_text("utf-8")

    return page


@pytest.fixture
def full(keep, page_of):
    keep("SVC", {"test": [0]}, notes=("regularised by 0.1",), peak_memory_mb=1234.5)
    provenance = {"versions": {"torch": "2.9"}, "processor": "Z80"}
    late = "2025-03-01T10:02:00Z"
    keep("ResNet9", family="deep", provenance=provenance, finished=late)
    keep("LinearSVC", kind="decision")
    keep("ResNet34", family="deep", status="timeout", reason="after 600 s")
    return page_of()


def test_the_page_is_whole(full):
    page = Page(full)
    assert page.open == []
    assert full.startswith("<!DOCTYPE html>")
    assert dict(page.tags)["html"] == {"lang": "en"}


def test_the_page_asks_for_nothing(full):
    page = Page(full)
    assert "iframe" not in {tag for tag, _ in page.tags}
    assert [attributes for tag, attributes in page.tags if tag == "script"] == [{}]
    for tag, attributes in page.tags:
        assert attributes.get("href", "#").startswith(("#", "data:,"))
        assert attributes.get("src", "data:image/").startswith("data:image/"), tag
    assert not re.search(r"https?://|@import|url\(|fetch|XMLHttp", full)


def test_links_lead_somewhere_and_ids_are_unique(full):
    page = Page(full)
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(set(ids)) == len(ids)
    targets = {a["href"][1:] for tag, a in page.tags if tag == "a"}
    assert len(targets) > 5
    assert targets <= set(ids)


def test_what_is_drawn_is_said_too(full):
    for tag, attributes in Page(full).tags:
        if tag == "svg":
            said = attributes.keys() & {"aria-label", "aria-labelledby"}
            assert said or attributes.get("aria-hidden") == "true", attributes
        if tag == "img":
            assert "alt" in attributes
    said = "LinearSVC, 1.000 in 3.50 s on a; ResNet9, 1.000 in 2.50 s on b."
    assert f"Nothing on its machine is both quicker and more accurate than: {said}" in full


def test_every_row_is_there_with_its_facts(full):
    words = " ".join(Page(full).words)
    for fact in (
        "Not shown",
        "under-trains",
        "95\xa0% interval",
        "0.833",
        "0.436–0.970",
        "tied",
        "timeout",
        "after 600 s",
        "regularised by 0.1",
        "1,234",
        "versions torch",
        "Z80",
        "f00d",
    ):
        assert fact in words, fact
    board = full[full.index('<section id="board"') : full.index('<section id="cost"')]
    rows = [attributes for tag, attributes in Page(board).tags if attributes.get("scope") == "row"]
    assert len(rows) == 4 * 2 + 7  # a board for each split, and the summary
    assert board.count("<caption>") == 3
    assert board.count("unscored") == 3


def test_names_are_only_text(keep, page_of):
    keep(
        EVIL,
        reason=EVIL,
        notes=(EVIL,),
        classes=(EVIL, '" onload="x', "c"),
        dataset=EVIL,
        source=EVIL,
        provenance={"command": EVIL, "system": EVIL},
    )
    text = page_of()
    page = Page(text)
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert "alert" not in text[text.index("<script>") :]
    assert page.words.count(EVIL) >= 7
    assert not any("onload" in attributes for _, attributes in page.tags)


def test_every_seed_leads_to_its_model_s_panel(keep, page_of):
    for seed in (0, 1):
        keep("SVC", {"test": [0] * seed}, seed=seed)
    page = Page(page_of())
    (panel,) = (a["id"] for tag, a in page.tags if tag == "details" and "id" in a)
    board = [a["href"] for tag, a in page.tags if tag == "a" and a["href"].startswith("#model-")]
    assert board == [f"#{panel}"] * 4  # two seeds on two splits
    assert "2 trials on test" in " ".join(page.words)


def test_numbers_keep_their_units(full):
    text = full[full.index('<section class="answer"') : full.index("<nav")]
    assert not re.search(r"\d (%|s|min)\b", text)
    assert "\xa0%" in text


def test_machines_are_kept_apart_everywhere(keep, page_of):
    laptop, node = {"processor": "Laptop <CPU>"}, {"processor": "Node CPU"}
    keep("SVC", provenance=laptop)
    keep("ResNet9", {"test": [0]}, family="deep", provenance=node, device="cuda")
    text = page_of()
    assert "Laptop <CPU>" not in text
    for part, times in (("board", 3 * 4 + 3 * 2 - 2), ("cost", 4)):
        section = text[text.index(f'<section id="{part}"') :]
        section = section[: section.index("</section>")]
        marked = re.findall(r"<td[^>]*>[\d.]+(?: s)? \(([ab])\)</td>", section)
        assert set(marked) == {"a", "b"}, part
        assert "Laptop &lt;CPU&gt;" in section, part
        assert len(marked) >= times, part
    assert text.count('class="front f0"') == text.count('class="front f1"') == 5


def test_a_large_board_stays_under_five_megabytes(keep, store):
    """A fifth of 60 models with five seeds on two splits of twelve classes: all of it is lines."""
    random = np.random.default_rng(0)
    classes, n = tuple(f"class {k}" for k in range(12)), {"val": 36, "test": 36}
    for model, seed in product(range(12), range(5)):
        wrong = {split: np.flatnonzero(random.random(36) < 0.4) for split in n}
        keep(f"QuiteALongClassifier{model}", wrong, seed=seed, classes=classes, splits=n)
    text = report_page(Leaderboard.from_store(store))
    assert len(text.encode()) < 5e6 / 5
    assert text.count('<details class="panel') == 12
