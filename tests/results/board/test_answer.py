from __future__ import annotations

import pytest

from results.leaderboard import Leaderboard

SIZE = {"splits": {"val": 40, "test": 120}}


@pytest.fixture
def answer_of(store):
    return lambda: Leaderboard.from_store(store).answer


def test_yes(keep, answer_of):
    keep("SVC", {"test": range(40)}, **SIZE)
    keep("DummyClassifier", {"test": range(80)}, **SIZE)
    keep("ResNet9", {"test": range(8)}, family="deep", fit_seconds=600.0, device="cuda", **SIZE)
    keep("ResNet34", {"test": range(30)}, family="deep", **SIZE)
    answer = answer_of()
    assert (answer.verdict, answer.split) == ("Yes", "test")
    assert "On test (120 pictures) the best deep row, ResNet9, is right on 93.3 %" in answer.text
    assert "the best classical row, SVC, on 66.7 %: a difference of +26.7 points" in answer.text
    assert "p < 0.001" in answer.text
    assert "takes 170 times as long (10 min 0 s on cuda against 3.5 s on cpu)" in answer.text
    assert "would show" not in answer.text


def test_no(keep, answer_of):
    keep("SVC", {"test": range(8)}, **SIZE)
    keep("ResNet9", {"test": range(40)}, family="deep", fit_seconds=0.5, **SIZE)
    answer = answer_of()
    assert answer.verdict == "No"
    assert "a difference of -26.7 points" in answer.text
    assert "The deep row takes less time (1 s on cpu against 3.5 s on cpu)" in answer.text


def test_not_shown_says_how_many_pictures_it_would_take(keep, answer_of):
    keep("SVC", {"test": range(10)}, **SIZE)
    keep("ResNet9", {"test": range(4, 12)}, family="deep", **SIZE)
    answer = answer_of()
    # Two pictures of 120 net, six discordant: 4 only the deep row, 2 only the classical.
    assert answer.verdict == "Not shown"
    assert "+1.7 points" in answer.text
    assert "p = 0.69" in answer.text
    assert "p = 0.69), which about 1,500 pictures in test would show, if it is real" in answer.text
    assert len(answer.sentences) == 3


def test_equals_need_no_number_of_pictures(keep, answer_of):
    keep("SVC", {"test": [1]}, **SIZE)
    keep("ResNet9", {"test": [2]}, family="deep", **SIZE)
    answer = answer_of()
    assert answer.verdict == "Not shown"
    assert "a difference of 0.0 points" in answer.text
    assert (
        "where none is seen no number of pictures can be named that would show one. " in answer.text
    )
    assert len(answer.sentences) == 3


def test_a_verdict_that_the_board_s_correction_would_not_keep_says_so(keep, answer_of, store):
    # Of 16 pictures that part the two the classical row has 13, p = 0.021.
    keep("SVC", {"test": range(20)}, **SIZE)
    keep("ResNet9", {"test": [*range(3, 20), *range(40, 53)]}, family="deep", **SIZE)
    assert answer_of().verdict == "No"
    assert "p = 0.021). " in answer_of().text, "one comparison is the verdict's own"
    for k in range(3):
        keep(f"C{k}", {"test": range(k, 21 + k)}, **SIZE)
    tied = Leaderboard.from_store(store).differences.set_index(["split", "model"])["tied"]
    assert tied["test", "ResNet9"]
    assert answer_of().verdict == "No"
    assert (
        "exact McNemar p = 0.021, which among all 4 comparisons of the board would not stand out: "
        "there the two are tied). " in answer_of().text
    )


def test_a_verdict_that_the_board_keeps_says_nothing_of_the_others(keep, answer_of, store):
    keep("SVC", {"test": range(40)}, **SIZE)
    keep("KNN", {"test": range(6)}, **SIZE)
    keep("ResNet9", {"test": range(60)}, family="deep", **SIZE)
    tied = Leaderboard.from_store(store).differences.set_index(["split", "model"])["tied"]
    assert not tied["test", "ResNet9"]
    assert "stand out" not in answer_of().text


def test_times_of_two_machines_are_named_with_their_marks(keep, answer_of):
    early, late = "2025-03-01T10:00:00+00:00", "2025-03-01T11:00:00+00:00"
    laptop, node = {"processor": "Laptop"}, {"processor": "Node"}
    keep("SVC", {"test": range(40)}, provenance=laptop, finished=early, **SIZE)
    there = {"family": "deep", "device": "cuda", "finished": late, "provenance": node, **SIZE}
    keep("ResNet9", {"test": [0]}, fit_seconds=60.0, **there)
    said = "but on another machine (60 s on cuda, machine b, against 3.5 s on cpu, machine a)."
    assert f"The deep row takes 17 times as long, {said}" in answer_of().text


def test_equal_times_are_not_a_ratio(keep, answer_of):
    keep("SVC", **SIZE)
    keep("ResNet9", family="deep", fit_seconds=3.01, **SIZE)
    assert "takes about as long as the classical one (3.5 s on cpu" in answer_of().text


def test_a_row_of_several_seeds_is_named_with_its_seed(keep, answer_of):
    keep("SVC", **SIZE)
    for seed in (1, 2):
        keep("ResNet9", {"test": range(seed)}, family="deep", seed=seed, **SIZE)
    assert "the best deep row, ResNet9 (seed 1), is" in answer_of().text


def test_large_test_sets_are_read_to_the_last_picture(keep, answer_of):
    keep("SVC", {"test": range(4)}, splits={"test": 10_000})
    keep("ResNet9", {"test": [9]}, family="deep", splits={"test": 10_000})
    said = "right on 99.99 % and the best classical row, SVC, on 99.96 %: a difference of +0.03 "
    assert said in answer_of().text


def test_one_picture_is_one(keep, answer_of):
    keep("SVC", splits={"test": 1})
    keep("ResNet9", family="deep", splits={"test": 1})
    answer = answer_of()
    assert "On test (1 picture) the" in answer.text
    assert "1 pictures" not in answer.text + " ".join(answer.warnings)


def test_no_pictures(keep, answer_of):
    keep("SVC", splits={"test": 0})
    keep("ResNet9", family="deep", splits={"test": 0})
    assert answer_of().text == "Not answered: test holds no pictures."
    assert not any("Only" in warning for warning in answer_of().warnings)


def test_val_decides_where_there_is_no_test(keep, answer_of):
    keep("SVC", splits={"val": 30})
    keep("ResNet9", splits={"val": 30}, family="deep")
    assert answer_of().split == "val"


def test_the_interval_is_around_the_difference(keep, answer_of):
    keep("SVC", {"test": range(40)}, **SIZE)
    keep("ResNet9", {"test": range(8)}, family="deep", **SIZE)
    low, high = answer_of().text.split("95 % interval ")[1].split(";")[0].split(" to ")
    assert float(low) < 26.7 < float(high)


def test_a_feature_table_does_not_ask(keep, answer_of):
    keep("SVC", {"test": [0]}, **SIZE)
    keep("ResNet9", status="skipped", reason="x.csv holds no pictures", family="deep", **SIZE)
    answer = answer_of()
    assert answer.verdict == "Not asked"
    assert "skipped (x.csv holds no pictures)" in answer.text
    assert "The best row on test (120 pictures) is SVC, right on 99.2 %." in answer.text


def test_no_deep_model_run(keep, answer_of):
    keep("SVC")
    assert answer_of().text.startswith("Not asked: no deep model was run.")


def test_no_deep_model_finished(keep, answer_of):
    keep("SVC")
    keep("ResNet9", status="memory", family="deep")
    keep("ResNet34", status="skipped", family="deep")
    assert answer_of().text.startswith("Not answered: no deep model finished")


def test_no_classical_model_finished(keep, answer_of):
    keep("SVC", status="failed")
    keep("ResNet9", family="deep")
    assert answer_of().text.startswith("Not answered: no classical model finished")


def test_no_classical_model_run(keep, answer_of):
    keep("ResNet9", family="deep")
    assert answer_of().text.startswith("Not answered: no classical model was run. The best row")


def test_nothing_finished(keep, answer_of):
    keep("SVC", status="failed")
    keep("ResNet9", status="timeout", family="deep")
    answer = answer_of()
    assert answer.text == "Not answered: no model finished; the rows below say why."
    assert not any("pictures in" in warning for warning in answer.warnings)


def test_an_unknown_time_is_not_mentioned(keep, answer_of):
    keep("SVC", fit_seconds=None)
    keep("ResNet9", family="deep")
    assert "as long" not in answer_of().text


def test_quick_deep_rows_are_said_to_be_under_trained(keep, answer_of):
    keep("SVC")
    assert not any("under-train" in warning for warning in answer_of().warnings)
    keep("ResNet9", family="deep")
    assert any("under-train" in warning for warning in answer_of().warnings)


def test_other_presets_are_not(keep, answer_of):
    keep("SVC", preset="published")
    keep("ResNet9", family="deep", preset="published")
    assert not any("under-train" in warning for warning in answer_of().warnings)


@pytest.mark.parametrize(("n", "warned"), [(99, True), (100, False)])
def test_a_small_test_set_is_pointed_out(keep, answer_of, n, warned):
    keep("SVC", splits={"test": n})
    assert any("Only" in warning for warning in answer_of().warnings) == warned


def test_rows_without_a_score_are_named_once(keep, answer_of):
    keep("SVC", splits={"val": 200, "test": 200})
    for name in ("B", "A"):
        keep(name, status="failed", splits={"val": 200, "test": 200})
    keep("C", status="timeout", splits={"val": 200, "test": 200})
    assert answer_of().warnings == (
        "2 rows have no score, status failed: A, B.",
        "1 row has no score, status timeout: C.",
    )
