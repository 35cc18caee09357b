"""LaTeX by its structure: what a document's reader would get out of the text."""

from __future__ import annotations

import re

import pytest

from results.latex import escaped
from results.leaderboard import Leaderboard

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
    assert read(escaped(text)) == text


def test_control_characters_and_line_breaks_are_spaces():
    assert escaped("a\nb\t\x00c  d") == "a b c d"


def test_the_tables_of_a_board(keep, store):
    keep("SVC", {"test": [0]})
    keep("NuSVC", {"test": [0, 1, 2]}, kind="")
    keep("ResNet9", family="deep", device="cuda")
    page = Leaderboard.from_store(store).to_latex()
    (sides, summary), (_, val), (split_sides, test) = tables(page)
    assert sides == "lllrrrr"
    assert summary[0][0:3] == ["Learning", "Model", "Training"]
    assert summary[0][3:] == ["Accuracy (val)", "Accuracy (test)", "CPU Time", "GPU Time"]
    assert [row[1] for row in summary[1:]] == ["SVC", "NuSVC", "ResNet9"]
    assert summary[3][-2:] == ["", "2.50"]
    assert split_sides == "lrrrrrr"
    assert test[0][:3] == ["Model", "Accuracy", "95 % interval"]
    assert [row[:3] for row in test[1:3]] == [
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
