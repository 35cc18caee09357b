"""Ready feature tables, and what is wrong with them."""

import decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from benchmark import InputError, datasets
from benchmark.datasets import Dataset
from benchmark.datasets.names import class_names, natural_order
from benchmark.inputs.products import Spec
from benchmark.inputs.table import tabulated
from features import feature_set

GOOD = pd.DataFrame(
    {
        "id": [f"p{row}" for row in range(8)],
        "split": ["train"] * 4 + ["val"] * 2 + ["test"] * 2,
        "label": ["box", "round"] * 4,
        "mean": np.linspace(0.1, 0.8, 8),
        "noise": [1, 2, 3, 4, 5, 6, 7, 8],
    }
)


def written(folder, frame, suffix="csv"):
    path = folder / f"t.{suffix}"
    frame.to_parquet(path) if suffix == "parquet" else frame.to_csv(path, index=False)
    return path


def text(folder, content, encoding="utf-8"):
    path = folder / "t.csv"
    path.write_bytes(content.encode(encoding))
    return path


def refusal(path):
    with pytest.raises(InputError) as refused:
        datasets.load(path)
    assert str(path) in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize("suffix", ["csv", "parquet", "CSV"])
def test_a_table_is_read_as_it_is(tmp_path, suffix):
    made = datasets.load(written(tmp_path, GOOD, suffix))
    assert not made.has_pictures
    assert made.columns == ("mean", "noise")
    assert made.classes == ("box", "round")
    assert list(made.splits) == ["train", "val", "test"]
    for name, split in made.splits.items():
        rows = GOOD[GOOD["split"] == name]
        assert list(split.ids) == list(rows["id"])
        assert [made.classes[label] for label in split.labels] == list(rows["label"])
        assert np.array_equal(split.table, rows[["mean", "noise"]].to_numpy(float))


def test_csv_and_parquet_of_one_table_have_one_fingerprint(tmp_path):
    fingerprints = {
        datasets.load(written(tmp_path, GOOD, suffix)).fingerprint for suffix in ("csv", "parquet")
    }
    assert len(fingerprints) == 1


@pytest.mark.parametrize("empty", ["", "NaN", "nan", "NA", "null"])
def test_an_empty_cell_is_a_missing_value(tmp_path, empty):
    content = GOOD.to_csv(index=False).replace(",3\n", f",{empty}\n")
    train = datasets.load(text(tmp_path, content)).splits["train"].table
    assert np.isnan(train).tolist() == [[False, False]] * 2 + [[False, True], [False, False]]


def test_missing_values_of_parquet(tmp_path):
    frame = GOOD.assign(noise=pd.array([1, None, 3, 4, 5, 6, 7, 8], dtype="Int64"))
    train = datasets.load(written(tmp_path, frame, "parquet")).splits["train"].table
    assert np.isnan(train[:, 1]).tolist() == [False, True, False, False]


@pytest.mark.parametrize(
    ("numbers", "values"),
    [
        ([True, False] * 4, [1.0, 0.0, 1.0, 0.0]),
        ([decimal.Decimal("1.5")] * 8, [1.5] * 4),
        (pd.Series([2, 3] * 4).astype("category"), [2.0, 3.0, 2.0, 3.0]),
        (np.arange(8, dtype=np.float32), [0.0, 1.0, 2.0, 3.0]),
    ],
)
def test_every_kind_of_number_becomes_one(tmp_path, numbers, values):
    path = written(tmp_path, GOOD.assign(noise=numbers), "parquet")
    assert datasets.load(path).splits["train"].table[:, 1].tolist() == values


def test_without_ids_rows_are_counted(tmp_path):
    made = datasets.load(written(tmp_path, GOOD.drop(columns="id")))
    assert list(made.splits["val"].ids) == ["row-00005", "row-00006"]


def test_rows_of_the_splits_may_be_mixed_and_splits_have_synonyms(tmp_path):
    frame = GOOD.assign(split=GOOD["split"].str.upper().replace({"VAL": "Validation"}))
    mixed = frame.sample(frac=1, random_state=0)
    made = datasets.load(written(tmp_path, mixed))
    assert {name: sorted(split.ids) for name, split in made.splits.items()} == {
        "train": ["p0", "p1", "p2", "p3"], "val": ["p4", "p5"], "test": ["p6", "p7"],
    }  # fmt: skip
    by_id = dict(zip(made.splits["train"].ids, made.splits["train"].table[:, 1], strict=True))
    assert by_id == {"p0": 1, "p1": 2, "p2": 3, "p3": 4}


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        ([10, 9], ("9", "10")),
        ([1.0, 2.0], ("1", "2")),
        (["1.5", "v2"], ("1.5", "v2")),
        (["nan", "box"], ("box", "nan")),
        (["NA", "None"], ("NA", "None")),
        (["01", "1"], ("01", "1")),
        (["ä b", "褶皱"], ("ä b", "褶皱")),
    ],
)
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_labels_may_be_any_names(tmp_path, labels, classes, suffix):
    made = datasets.load(written(tmp_path, GOOD.assign(label=labels * 4), suffix))
    assert made.classes == classes
    first = made.classes[made.splits["train"].labels[0]]
    assert first == str(labels[0]).removesuffix(".0")


def test_a_byte_order_mark_is_passed_over(tmp_path):
    made = datasets.load(text(tmp_path, GOOD.to_csv(index=False), "utf-8-sig"))
    assert list(made.splits["val"].ids) == ["p4", "p5"]


def test_an_index_of_pandas_with_names_is_columns(tmp_path):
    made = datasets.load(written(tmp_path, GOOD.set_index(["id", "split"]), "parquet"))
    assert list(made.splits["test"].ids) == ["p6", "p7"]
    assert made.columns == ("mean", "noise")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"mean": ["0.1", "o.2", *["1"] * 6]}, "column 'mean' has the text 'o.2' in row 2"),
        ({"mean": ["1,5"] * 8}, "column 'mean' has the text '1,5' in row 1"),
        ({"mean": [*[1.0] * 6, np.inf, 1.0]}, "column 'mean' is infinite in row 7"),
        ({"mean": [-np.inf, *[1.0] * 7]}, "column 'mean' is infinite in row 1"),
        ({"split": ["train"] * 7 + ["holdout"]}, "row 8 has the split 'holdout'"),
        ({"split": ["train"] * 7 + [None]}, "row 8 has no split"),
        ({"split": ["train"] * 8}, "nothing to score on; add a val or a test split"),
        ({"split": ["test"] * 8}, "no train split"),
        ({"label": ["box"] * 7 + [None]}, "row 8 has no label"),
        ({"label": [1.0] * 7 + [np.nan]}, "row 8 has no label"),
        ({"label": ["box", "round"] * 3 + ["box", "owl"]}, "class 'owl' is in test but not in"),
        ({"label": ["box"] * 8}, "one class in train (box)"),
        ({"id": ["a", "b", "a", *"cdefg"]}, "the id 'a' is there twice"),
        ({"id": ["a", None, *"bcdefg"]}, "row 2 has no id"),
    ],
)
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_what_is_wrong_with_a_cell_is_said_with_its_place(tmp_path, change, said, suffix):
    assert said in refusal(written(tmp_path, GOOD.assign(**change), suffix))


@pytest.mark.parametrize("times", [pd.Timestamp("2021-05-01"), pd.Timedelta(3, "s")])
def test_times_are_no_numbers(tmp_path, times):
    path = written(tmp_path, GOOD.assign(noise=times), "parquet")
    assert "column 'noise' holds times" in refusal(path)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@pytest.mark.parametrize("missing", ["split", "label"])
def test_a_missing_column_is_named(tmp_path, missing, suffix):
    path = written(tmp_path, GOOD.drop(columns=missing), suffix)
    assert f"no column '{missing}', only 'id', " in refusal(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is an empty file"),
        ("\n \n", "no header"),
        ("id,split,label,mean\n", "a header but no rows"),
        ("split,label\ntrain,a\n", "no columns of features"),
        ("split;label;mean\ntrain;a;1\n", "no column 'split', only 'split;label;mean'"),
        ("Split,label,mean\ntrain,a,1\n", "no column 'split', only 'Split', 'label', 'mean'"),
        ("split,label,x,x\ntrain,a,1,2\n", "two columns 'x'"),
        ("split,label,label,x\ntrain,a,0,2\n", "two columns 'label'"),
        (",split,label,x\n0,train,a,1\n", "column 1 has no name"),
        ("split,label,x\ntrain,a,1,5\ntest,b,1,5\n", "more cells than its header"),
        ("split,label,x\ntrain,a,1\ntest,b,1,5\n", "can't be read as a table"),
        ('split,label,x\ntrain,a,"1\n', "can't be read as a table"),
        ("\0" * 50, "no column 'split'"),
    ],
)
def test_a_text_that_is_no_such_table_is_refused(tmp_path, content, said):
    assert said in refusal(text(tmp_path, content))


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_another_encoding_is_refused(tmp_path, encoding):
    content = GOOD.assign(label=["Käse", "Brot"] * 4).to_csv(index=False)
    assert "save it as UTF-8" in refusal(text(tmp_path, content, encoding))


@pytest.mark.parametrize("keep", [0, 3, 200, -20])
def test_a_truncated_parquet_is_refused(tmp_path, keep):
    path = written(tmp_path, GOOD, "parquet")
    path.write_bytes(path.read_bytes()[:keep])
    assert "t.parquet" in refusal(path)


def test_two_columns_of_one_name_in_parquet_are_refused(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrays = [pa.array(GOOD[name]) for name in ("split", "label", "mean", "noise")]
    pq.write_table(pa.table(arrays, names=["split", "label", "x", "x"]), tmp_path / "t.parquet")
    assert "two columns 'x'" in refusal(tmp_path / "t.parquet")


# --- what is left out, and what is said ------------------------------------------------------


def test_one_line_says_what_was_read(tmp_path):
    made = datasets.load(written(tmp_path, GOOD))
    assert made.summary == "2 classes, 8 rows of 2 features: train 4, val 2, test 2"


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("Unnamed: 0", range(8)), ("Unnamed: 0", [0, 1, 2, 3] * 2), ("level_0", range(8)),
        ("index", [3, 1, 2, 0, 7, 6, 5, 4]), ("ID", range(100, 900, 100)), ("row_id", range(8)),
        ("sample id", range(8, 0, -1)), ("#", range(8)), ("no", range(8)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_column_that_numbers_the_rows_is_no_feature(tmp_path, name, values, suffix):
    made = datasets.load(written(tmp_path, GOOD.assign(**{name: list(values)}), suffix))
    assert made.columns == ("mean", "noise")
    assert made.left_out == 1
    assert f"left out, since they number the rows: {name!r}" in made.remarks[0]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("index", np.linspace(1.3, 1.5, 8)), ("id_of_site", [1, 2] * 4), ("site_id", [1, 2] * 4),
        ("grid", range(8, 0, -1)), ("noise_2", range(0, 16, 2)), ("index", [1, None, *range(6)]),
    ],
)  # fmt: skip
def test_a_column_that_may_be_a_feature_is_one(tmp_path, name, values):
    made = datasets.load(written(tmp_path, GOOD.assign(**{name: list(values)})))
    assert made.columns == ("mean", "noise", name)


def test_a_column_that_grows_by_one_is_told_of(tmp_path):
    assert "'noise' grows by one" in datasets.load(written(tmp_path, GOOD)).remarks[0]


def test_a_table_of_nothing_but_numbers_of_rows_is_refused(tmp_path):
    bare = GOOD[["split", "label"]].assign(index=range(8))
    assert "number the rows ('index'); add features" in refusal(written(tmp_path, bare))


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@pytest.mark.parametrize("wrong", [0.5, np.inf, 1e300])
def test_a_label_that_is_a_measurement_is_refused(tmp_path, wrong, suffix):
    frame = GOOD.assign(label=[1.0, 2.0, wrong, *[1.0] * 5])
    said = refusal(written(tmp_path, frame, suffix))
    assert f"row 3 has the label {wrong}" in said
    assert "give whole numbers, or names" in said


def test_labels_that_differ_at_their_ends_are_one_class(tmp_path):
    frame = GOOD.assign(label=["box", "round", "box ", "round"] * 2)
    made = datasets.load(written(tmp_path, frame))
    assert made.classes == ("box", "round")
    assert "2 spellings of the class 'box'" in made.remarks[0]


@pytest.mark.parametrize(("mark", "shown"), [(";", "';'"), ("\t", "'\\t'"), ("|", "'|'")])
def test_cells_that_are_parted_by_something_else_are_said(tmp_path, mark, shown):
    content = GOOD.to_csv(index=False, sep=mark)
    assert f"its cells are parted by {shown}; save it with commas" in refusal(
        text(tmp_path, content)
    )


def test_a_column_in_other_letters_is_said(tmp_path):
    assert "call 'Split' 'split'" in refusal(
        written(tmp_path, GOOD.rename(columns={"split": "Split"}))
    )


NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6).filter(str.strip)


@settings(max_examples=30, deadline=None)
@given(
    classes=st.lists(NAMES, min_size=2, max_size=4, unique=True),
    suffix=st.sampled_from(["csv", "parquet"]),
)
def test_what_features_writes_is_read_with_the_same_classes(tmp_path_factory, classes, suffix):
    """Of pictures whose classes have any names, `nan` and white space aside included."""
    folder = tmp_path_factory.mktemp("features")
    pictures = np.random.default_rng(0).integers(0, 256, (4 * len(classes), 8, 8), dtype=np.uint8)
    called = class_names(classes)
    names = natural_order(called.values())
    assume(len(names) > 1)
    labels = np.arange(len(pictures)) % len(names)
    arrays = dict.fromkeys(("train", "test"), (pictures, labels))
    made = Dataset.from_arrays("x", "x", names, arrays)
    table = tabulated(made, Spec(feature_set("original_mean,original_std"), None))
    table.write(folder / f"t.{suffix}")
    again = datasets.load(folder / f"t.{suffix}")
    assert again.classes == made.classes
    assert again.columns == ("original_mean", "original_std")
    for name, split in made.splits.items():
        assert list(again.splits[name].ids) == list(split.ids)
        assert again.splits[name].labels.tolist() == split.labels.tolist()
