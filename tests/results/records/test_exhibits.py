from results.records.exhibits import Exhibits


def test_what_is_kept_comes_back_and_what_is_damaged_is_left_out(tmp_path):
    exhibits = Exhibits(tmp_path, "../f00d")
    exhibits.keep_pictures({"a": b"\xff\xd8one", "b": b"no picture", "c\udcff": b"\x89Ptwo"})
    exhibits.keep_montage(b"\x89Pthree")
    assert exhibits.pictures() == {"a": b"\xff\xd8one", "c\\udcff": b"\x89Ptwo"}
    assert exhibits.montage() == b"\x89Pthree"
    (folder,) = tmp_path.iterdir()
    for file in folder.iterdir():
        file.write_bytes(b"damaged")
    assert exhibits.pictures() == {}
    assert exhibits.montage() is None
    assert Exhibits(tmp_path, "other").pictures() == {}
