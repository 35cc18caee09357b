from results.leaderboard import Leaderboard
from results.report.disagreements import disagreements

N = 60


def board(keep, store):
    for model, wrong in {"SVC": [0, 1, 2], "LinearSVC": [0, 1, 3], "GaussianNB": [0, 1, 4]}.items():
        keep(model, {"test": wrong}, splits={"test": N}, predict_seconds={"test": 1.0})
    keep("Poor", {"test": range(45)}, splits={"test": N}, predict_seconds={"test": 1.0})
    for model, wrong in {"ResNet9": [0, 5], "ResNet34": [0, 1, 5, 6]}.items():
        keep(
            model, {"test": wrong}, family="deep", splits={"test": N}, predict_seconds={"test": 1.0}
        )
    return Leaderboard.from_store(store)


def test_who_alone_is_right_and_where_all_are_wrong(keep, store):
    found = disagreements([s.row for s in board(keep, store).standings], {})
    assert {family: len(names) for family, names in found.good.items()} == {
        "deep": 2,
        "classical": 3,
    }
    hard, deep, classical = found.lists
    assert [tile.id for tile in hard.tiles] == ["test/0.png"]
    # Picture 1 is ResNet9's alone: half of the deep rows are not most of them.
    assert deep.count == 0
    assert [tile.id for tile in classical.tiles] == ["test/5.png"]
    assert hard.tiles[0].true == "box"
    assert hard.tiles[0].answers == ["deep: chevron 2", "classical: chevron 3"]


def test_seeds_and_devices_of_a_model_are_one_opinion(keep, store):
    for seed, device in ((0, "cpu"), (1, "cpu"), (2, "cpu"), (0, "cuda")):
        keep("SVC", {"test": [seed]}, splits={"test": N}, seed=seed, device=device)
    keep("GaussianNB", {"test": [7, 8]}, splits={"test": N})
    rows = [s.row for s in Leaderboard.from_store(store).standings]
    (said,) = disagreements(rows, {r.record.trial: r.record.model for r in rows}).good.values()
    assert said == ["SVC", "GaussianNB"]


def test_lists_are_cut_and_counted(keep, store):
    keep("SVC", {"test": range(0, N, 2)}, splits={"test": N}, predict_seconds={"test": 1.0})
    rows = [s.row for s in Leaderboard.from_store(store).standings]
    (hard,) = disagreements(rows, {}).lists
    assert hard.count == N // 2
    assert len(hard.tiles) == 16
    assert {hard.tiles[0].id, hard.tiles[-1].id} == {"test/0.png", f"test/{N - 2}.png"}


def test_rows_no_better_than_the_commonest_class_say_nothing(keep, store):
    keep("Poor", {"test": range(45)}, splits={"test": N}, predict_seconds={"test": 1.0})
    assert disagreements([s.row for s in Leaderboard.from_store(store).standings], {}) is None


def test_pictures_shown_are_those_that_the_page_embeds(keep, store, tmp_path):
    made = board(keep, store)
    wanted = made.pictures_shown()
    assert wanted == ["test/0.png", "test/5.png"]
    made.exhibits.keep_pictures({name: b"\xff\xd8" + name.encode() for name in wanted})
    made.write(tmp_path)
    page = (tmp_path / "report.html").read_text("utf-8")
    assert page.count("data:image/jpeg") == 2
    assert 'class="missing"' not in page
