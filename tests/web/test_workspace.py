"""No name leads out of the folder, and no file is lost in it."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from ccsim.errors import InputError, ScenarioError
from ccsim.web.refusals import Refused
from ccsim.web.workspace import LARGEST_UPLOAD, Workspace

TRICKS = (
    "../secret.yaml", "/etc/passwd", "..\\secret.yaml", "a/../../secret.yaml", "./../secret.yaml", "C:\\secret.yaml", "~/.bashrc", "",
    ".", "/", "twenty.yaml\0.csv", "\0", ".ccsim/page.log", ".ccsim/history.sqlite", "x" * 5000 + ".yaml", "link.yaml", "inner/link.yaml",
    "folder.yaml", "nothing.yaml", "hidden/.secret.yaml", "notes.txt", "//server/share.yaml", "file:///etc/passwd", "twenty.yaml/",
)  # fmt: skip


@pytest.fixture
def tricky(folder: Path) -> Workspace:
    """The folder with links out of it, a folder that is called like a scenario, and files of other kinds."""
    (folder / "link.yaml").symlink_to(folder.parent / "secret.yaml")
    (folder / "inner").symlink_to(folder.parent)
    (folder / "folder.yaml").mkdir()
    (folder / "hidden").mkdir()
    (folder / "hidden" / ".secret.yaml").write_text("title: hidden\n", encoding="utf-8")
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    workspace = Workspace(folder)
    (workspace.own / "page.log").write_text("who came", encoding="utf-8")
    return workspace


@pytest.mark.parametrize("name", TRICKS)
def test_a_name_that_leads_elsewhere_is_refused_and_logged(tricky: Workspace, name: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "ccsim.web"):
        for ask in (tricky.path, tricky.read, tricky.load, tricky.print_of):
            with pytest.raises(Refused):
                ask(name)
    assert "refused" in caplog.text


def test_what_is_listed_is_in_the_folder(tricky: Workspace) -> None:
    assert [entry.name for entry in tricky.entries()] == ["twenty.yaml"]


def test_a_link_within_the_folder_is_as_good_as_a_file(folder: Path) -> None:
    (folder / "same.yaml").symlink_to(folder / "twenty.yaml")
    assert Workspace(folder).load("same.yaml").title == "Twenty people"


def test_a_new_file_never_takes_the_place_of_another(folder: Path) -> None:
    workspace = Workspace(folder)
    before = workspace.read("twenty.yaml")
    assert workspace.add("twenty.yaml", b"title: other\n") == "twenty-2.yaml"
    assert workspace.read("twenty.yaml") == before
    assert workspace.read("twenty-2.yaml") == b"title: other\n"


@pytest.mark.parametrize(
    "wanted, kept",
    [("../../etc/evil.yaml", "evil.yaml"), ("a<b>&\"c'.csv", "a-b-c.csv"), ("...yaml.yaml", "yaml.yaml"), ("\u202eexe.yaml", "exe.yaml")],
)
def test_a_name_from_outside_is_made_harmless(folder: Path, wanted: str, kept: str) -> None:
    assert Workspace(folder).add(wanted, b"x") == kept


@pytest.mark.parametrize("wanted", ["run.sh", "page.html", "scenario", "a.svg", ".yaml", "x.yaml.exe"])
def test_files_of_other_kinds_are_not_kept(folder: Path, wanted: str) -> None:
    with pytest.raises(Refused, match="of a kind that is not taken here"):
        Workspace(folder).add(wanted, b"x")


def test_what_somebody_else_changed_meanwhile_is_not_written_over(folder: Path) -> None:
    workspace = Workspace(folder)
    known, text = workspace.print_of("twenty.yaml"), workspace.read("twenty.yaml").decode()
    theirs = text.replace("volume: 400", "volume: 500")
    workspace.save("twenty.yaml", theirs, known)
    with pytest.raises(Refused, match="changed by somebody else"):
        workspace.save("twenty.yaml", text.replace("volume: 400", "volume: 300"), known)
    assert workspace.read("twenty.yaml").decode() == theirs


def test_a_text_that_is_no_scenario_is_not_saved(folder: Path) -> None:
    workspace = Workspace(folder)
    before = workspace.read("twenty.yaml")
    with pytest.raises(ScenarioError):
        workspace.save("twenty.yaml", "open: never\n", workspace.print_of("twenty.yaml"))
    assert workspace.read("twenty.yaml") == before


def test_a_folder_that_is_not_there_is_refused(folder: Path) -> None:
    with pytest.raises(InputError, match="is no folder"):
        Workspace(folder / "nothing")


def test_errors_name_the_file_as_the_page_does(folder: Path) -> None:
    (folder / "wrong.yaml").write_text("open: 08:00-10:00\ncalls: {a: {volume: 1, handel_time: 3 min}}\n", encoding="utf-8")
    with pytest.raises(ScenarioError) as found:
        Workspace(folder).load("wrong.yaml")
    assert str(found.value).startswith("wrong.yaml, line 2")
    assert str(folder) not in str(found.value)


def test_uploads_are_bounded(folder: Path) -> None:
    assert LARGEST_UPLOAD <= 5_000_000
