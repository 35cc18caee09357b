"""LaTeX by its structure: what a document's reader would get out of the text."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from results.leaderboard import Leaderboard
from results.text.latex import latex_escaped

COMMANDS = {
    r"\textbackslash{}": "\\", r"\textasciicircum{}": "^", r"\textasciitilde{}": "~",
    r"\textless{}": "<", r"\textgreater{}": ">", r"\textbar{}": "|", r"\textquotedbl{}": '"',
    r"\textquotesingle{}": "'", r"\textasciigrave{}": "`", r"\{": "{", r"\}": "}", r"\$": "$",
    r"\&": "&", r"\#": "#", r"\_": "_", r"\%": "%", "{[}": "[", "{]}": "]", "{*}": "*",
    "{-}": "-", "{!}": "!", "{?}": "?", "--": "–",
}  # fmt: skip
TOKEN = re.compile("|".join(map(re.escape, COMMANDS)) + "|.", re.DOTALL)
ASCII = "".join(map(chr, range(33, 127)))


def read(text):
    """The characters that LaTeX would print; fails on one that means something to it."""
    characters = []
    for token in TOKEN.findall(text):
        assert token in COMMANDS or token not in '\\{}$&#_%^~<>|"`[]*', text
        characters.append(COMMANDS.get(token, token))
    return "".join(characters)


def cells(line):
    assert line.endswith(r" \\")
    return [read(cell.strip()) for cell in re.split(r"(?<!\\)&", line.removesuffix(r"\\"))]


def tables(page):
    """Of each tabular its columns' letters and its rows of cells."""
    found = []
    for sides, body in re.findall(r"\\begin{tabular}{(\w+)}\n(.*?)\\end{tabular}", page, re.S):
        lines = body.splitlines()
        rules = [k for k, line in enumerate(lines) if line.endswith("rule")]
        assert [lines[k] for k in rules] == [r"\toprule", r"\midrule", r"\bottomrule"]
        assert rules == [0, 2, len(lines) - 1]
        found.append((sides, [cells(lines[1]), *map(cells, lines[3:-1])]))
    return found


@pytest.mark.parametrize("text", [ASCII, ASCII[::-1], r"\\ [2em] -- ?` \end{table} %", "ä ü 岩"])
def test_every_character_is_only_itself(text):
    assert read(latex_escaped(text)) == text


def test_control_characters_and_line_breaks_are_spaces():
    assert latex_escaped("a\nb\t\x00c  d") == "a b c d"


def test_the_tables_of_a_board(keep, store):
    keep("SVC", {"test": [0]})
    keep("NuSVC", {"test": [0, 1, 2]}, kind="")
    keep("ResNet9", family="deep", device="cuda")
    page = Leaderboard.from_store(store).to_latex()
    (sides, summary), (_, val), (split_sides, test) = tables(page)
    assert sides == "llllrrr"
    assert summary[0] == ["Learning", "Model", "Training", "Split", "Acc.", "CPU", "GPU"]
    assert [row[1] for row in summary[1::2]] == ["SVC", "NuSVC", "ResNet9"]
    assert summary[6][-2:] == ["", "2.50"]
    assert split_sides == "lrrrrrrl"
    short = ["Model", "Acc.", "Bal. acc.", "AUC", "F1", "Time", "95 % interval", "Tied"]
    assert test[0] == short
    assert [[row[0], row[1], row[6]] for row in test[1:3]] == [
        ["ResNet9", "1.000", "0.610–1.000"],
        ["SVC", "0.833", "0.436–0.970"],
    ]
    assert all(len(row) == len(sides) for row in summary)
    assert all(len(row) == len(split_sides) for row in val + test)
    assert page.count(r"\begin{table}") == page.count(r"\end{table}") == 3
    labels = re.findall(r"\\label{(.*)}", page)
    assert len(set(labels)) == 3


def test_names_that_mean_something_to_latex(keep, store):
    keep("[x] 100% a_b & \\input{secret}", {"test": [0]}, dataset="$folds^2$")
    keep("*star*", status="failed", reason="#1")
    page = Leaderboard.from_store(store).to_latex()
    assert r"\input" not in page
    assert "$" not in page.replace(r"\$", "")
    for _, rows in tables(page)[1:]:
        assert rows[1][0] == "[x] 100% a_b & \\input{secret}"
        assert rows[2][0] == "*star*"
        assert rows[2][-1] == "failed"


def test_a_table_longer_than_a_page_is_several(keep, store):
    for seed in range(100):
        keep("SVC", seed=seed, splits={"test": 6})
    page = Leaderboard.from_store(store).to_latex()
    _, *parts = tables(page)
    assert [len(rows) - 1 for _, rows in parts] == [45, 45, 10]
    assert len({row[0] for _, rows in parts for row in rows[1:]}) == 100
    assert len(set(re.findall(r"\\label{(.*)}", page))) == 4


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="there is no pdflatex")
def test_it_fits_the_page_of_an_article(keep, store, tmp_path):
    for seed in range(60):
        keep("QuadraticDiscriminantAnalysis", {"test": [0]}, seed=seed)
    keep("ResNet9", status="unavailable", reason="~ & $", family="deep")
    page = Leaderboard.from_store(store, sort_by="log_loss").to_latex()
    packages = re.findall(r"\\usepackage[^,]*{[^}]*}", page.splitlines()[0])
    parts = [r"\documentclass{article}", *packages, r"\begin{document}", page, r"\end{document}"]
    (tmp_path / "board.tex").write_text("\n".join(parts), encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "board.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    if ".sty' not found" in done.stdout:
        pytest.skip("a package is missing")
    assert done.returncode == 0, done.stdout
    assert "Overfull" not in done.stdout
    assert "too large" not in done.stdout
