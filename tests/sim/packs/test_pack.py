"""The pack in the cache: selection, storing, fetching, and homes drawn with it."""

import dataclasses

import mujoco
import numpy as np
import pytest

from neural_brain.models.categories import CATEGORIES
from neural_brain.models.errors import ModelFileError
from neural_brain.sim.homes import generate_home
from neural_brain.sim.homes.shapes import UNSEEN_GROUP, VISUAL_GROUP
from neural_brain.sim.packs import Pack, Part, Piece, load, pack_dir, selected
from neural_brain.sim.packs.fetch import Download, digest, fetch
from neural_brain.sim.packs.store import save
from neural_brain.sim.scene import build_model, object_of_geom

CUBE = np.array([[x, y, z] for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (0, 1)])
SIDES = np.array(
    [[0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1],
     [2, 3, 7], [2, 7, 6], [0, 2, 6], [0, 6, 4], [1, 5, 7], [1, 7, 3]]
)  # fmt: skip


def piece(category: str, split: str = "tune") -> Piece:
    part = Part(
        vertices=CUBE.astype(np.float32),
        faces=SIDES.astype(np.int32),
        rgb=(0.1, 0.2, 0.3),
        main=True,
    )
    return Piece(
        name="lib/cube",
        category=category,
        split=split,
        creator="somebody",
        licence="CC0",
        rest=-1.0,
        parts=(part,),
    )


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("NEURAL_BRAIN_CACHE", str(tmp_path))
    return tmp_path


def test_selection_keeps_tune_and_test_apart() -> None:
    entries = selected()
    tune = {name for _, split, name in entries if split == "tune"}
    test = {name for _, split, name in entries if split == "test"}
    assert tune and test and not tune & test
    assert len(tune) + len(test) == len(entries)
    assert {category for category, _, _ in entries} <= set(CATEGORIES[1:])


def test_saved_pack_reads_back(cache) -> None:
    assert load() is None
    folder = save([piece("table"), piece("mug", "test")], {"NOTE.txt": "hello"})
    assert folder == pack_dir() and (folder / "NOTE.txt").read_text() == "hello"
    pack = load()
    assert pack is not None
    originals = [piece("table"), piece("mug", "test")]
    for mine, original in zip(pack.pieces, originals, strict=True):
        assert np.array_equal(mine.parts[0].vertices, original.parts[0].vertices)
        assert np.array_equal(mine.parts[0].faces, original.parts[0].faces)
        assert dataclasses.replace(mine, parts=()) == dataclasses.replace(
            original, parts=()
        )
    assert pack.choose("mug", "tune", 5) is None
    assert pack.choose("mug", "test", 5) is pack.pieces[1]


def test_damaged_pack_is_named(cache) -> None:
    save([piece("table")], {})
    (pack_dir() / "pieces.npz").write_bytes(b"rubbish")
    with pytest.raises(ModelFileError, match="damaged"):
        load()


def test_demanded_pack_that_is_missing_is_an_error(cache) -> None:
    with pytest.raises(ModelFileError, match="assets fetch"):
        build_model(generate_home(1, small=True), packs=True)
    build_model(generate_home(1, small=True), packs=None)


def test_pack_changes_the_looks_and_nothing_else(cache) -> None:
    save([piece("table"), piece("chair"), piece("bottle")], {})
    home = generate_home(1, small=True)
    plain, drawn = build_model(home), build_model(home, packs=True)
    solid = [m.geom_contype != 0 for m in (plain, drawn)]
    for name in ("geom_type", "geom_size", "geom_pos", "geom_quat"):
        values = [
            getattr(m, name)[s] for m, s in zip((plain, drawn), solid, strict=True)
        ]
        assert np.array_equal(*values), name
    assert np.array_equal(plain.body_mass, drawn.body_mass)
    mesh = drawn.geom_type == int(mujoco.mjtGeom.mjGEOM_MESH)
    things = {home.objects[k].category for k in object_of_geom(drawn)[mesh]}
    assert {"table", "chair"} <= things <= {"table", "chair", "bottle"}
    assert (drawn.geom_group[mesh] == VISUAL_GROUP).all()
    owner = object_of_geom(drawn)
    for thing in home.objects:
        hidden = drawn.geom_group[owner == thing.id] == UNSEEN_GROUP
        assert hidden.any() == (thing.category in things)


def test_wrong_or_missing_download_says_what_to_do(cache) -> None:
    item = Download(
        file="thing.deb",
        sha256="00",
        size_mb=1,
        commands=(("sh", "-c", "echo wrong > thing.deb"), ("sh", "-c", "exit 3")),
    )
    with pytest.raises(ModelFileError, match="another SHA-256") as error:
        fetch(item, lambda _: None)
    assert "own shapes" in str(error.value)
    assert not (cache / "downloads" / "thing.deb").exists()


def test_right_download_is_taken_once(cache, tmp_path) -> None:
    (tmp_path / "good").write_text("wrong\n")
    item = Download(
        file="thing.deb",
        sha256=digest(tmp_path / "good"),
        size_mb=1,
        commands=(("sh", "-c", "echo wrong > thing.deb"),),
    )
    said: list[str] = []
    first = fetch(item, said.append)
    assert fetch(item, said.append) == first and len(said) == 1


def test_empty_pack_has_nothing_to_choose() -> None:
    assert Pack([]).choose("mug", "tune", 0) is None
