"""Releases: the audit of wheels, archives with the same bytes, the man page, and the workflow that publishes."""

import importlib.util
import re
import runpy
import tarfile
import tomllib
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from w2v.cli.parser import COMMANDS

ROOT = Path(__file__).resolve().parent.parent
WORKFLOW = ROOT / ".github" / "workflows" / "wheels.yml"
WHEEL = "w2v-1.0-cp311-abi3-manylinux_2_28_x86_64.whl"


def load(name):
    """A module of .ci, which is in checkouts and source distributions."""
    path = ROOT / ".ci" / f"{name}.py"
    if not path.exists():
        pytest.skip("the sources of the package are not here")
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def audit():
    return load("audit")


@pytest.fixture
def wheel(audit, tmp_path):
    """Function that writes a wheel of empty files, with some more and without others."""

    def wheel(more=(), without=()):
        native = [f"{name}.abi3.so" for name in audit.extensions()]
        info = [f"w2v-1.0.dist-info/{name}" for name in ("METADATA", "RECORD", "WHEEL", "licenses/LICENSE")]
        with zipfile.ZipFile(tmp_path / WHEEL, "w") as archive:
            for name in (*native, *info, "w2v/py.typed", "w2v/__init__.py", *more):
                if name not in without:
                    archive.writestr(name, b"")
        return tmp_path / WHEEL

    return wheel


# ------------------------------------------------------------------------------------------------- audit


def test_complete_wheel_has_no_findings(audit, wheel):
    assert len(audit.extensions()) > 15 and list(audit.wheel_files(wheel())) == []


@pytest.mark.parametrize("more, without, finding", [
    (["w2v/corpus/_columns.c"], [], "1 files do not belong into a wheel, such as w2v/corpus/_columns.c"),
    (["tests/conftest.py", "w2v/README.md"], [], "2 files do not belong into a wheel, such as tests/conftest.py"),
    ([], ["w2v/corpus/_columns.abi3.so"], "extensions are missing or unknown: ['w2v/corpus/_columns']"),
    (["w2v/_other.abi3.so"], [], "extensions are missing or unknown: ['w2v/_other']"),
    (["w2v/corpus/_columns.cpython-311-x86_64-linux-gnu.so"], ["w2v/corpus/_columns.abi3.so"],
     "w2v/corpus/_columns.cpython-311-x86_64-linux-gnu.so is for one version of Python, the wheel for all"),
    ([], ["w2v/py.typed"], "w2v/py.typed is missing"),
    ([], ["w2v-1.0.dist-info/licenses/LICENSE"], "licenses/LICENSE is missing"),
])
def test_wrong_files_of_a_wheel_are_found(audit, wheel, more, without, finding):
    assert list(audit.wheel_files(wheel(more, without))) == [finding]


@pytest.mark.parametrize("name", ["csrc/text/unicode_data.c", "w2v/corpus/_columns.c", "w2v/_cyutility.c"])
def test_generated_file_in_a_source_distribution_is_found(audit, tmp_path, name):
    needed = ["pyproject.toml", "setup.py", "csrc/base.h", "w2v/README.md", "tests/conftest.py", "LICENSE"]
    with tarfile.open(tmp_path / "w2v-1.0.tar.gz", "w:gz") as archive:
        for one in (*needed, name):
            archive.addfile(tarfile.TarInfo(f"w2v-1.0/{one}"))
    assert list(audit.source_files(tmp_path / "w2v-1.0.tar.gz")) == [f"1 generated files, such as {name}"]


@pytest.mark.parametrize("name, kind", [
    (WHEEL, "linux"), ("w2v-1.0-cp311-abi3-macosx_11_0_arm64.whl", "macosx"),
    ("w2v-1.0-cp311-abi3-win_amd64.whl", "win"),
    ("w2v-1.0.tar.gz", "sdist"),
])
def test_size_beyond_the_limit_is_found(audit, monkeypatch, tmp_path, name, kind):
    for check in ("wheel_files", "source_files", "stable_abi", "linux_tag"):
        monkeypatch.setattr(audit, check, lambda path: ())
    monkeypatch.setattr(audit, "run", lambda *command: (0, ""))
    path = tmp_path / name
    for excess in (0, 1):
        path.write_bytes(bytes(audit.LARGEST[kind] + excess))
        found = list(audit.audit(path))
        assert found == [f"{path.stat().st_size:,} bytes; the limit is {audit.LARGEST[kind]:,}"] * excess


@pytest.mark.parametrize("text, name, findings", [
    ('the following platform tag: "manylinux_2_28_x86_64".', WHEEL, 0),
    ('the following platform\ntag: "manylinux_2_34_x86_64".', WHEEL, 1),
    ('the following platform tag: "manylinux_2_28_x86_64".', "w2v-1.0-cp311-abi3-linux_x86_64.whl", 1),
    ("cannot read", WHEEL, 1),
])
def test_tag_of_a_linux_wheel_is_compared(audit, monkeypatch, text, name, findings):
    monkeypatch.setattr(audit, "run", lambda *command: (0, f"{name} is\nconsistent with {text}"))
    assert len(list(audit.linux_tag(Path(name)))) == findings


# ------------------------------------------------------------------------------------------------- archives


def test_source_archive_does_not_depend_on_times_and_permissions(monkeypatch, tmp_path):
    if not find_spec("Cython") or not find_spec("setuptools") or not (ROOT / "setup.py").exists():
        pytest.skip("Cython, setuptools or the sources of the package are not here")
    import setuptools
    from Cython import Build as build

    monkeypatch.setattr(setuptools, "setup", lambda **options: None)
    monkeypatch.setattr(build, "cythonize", lambda extensions, **options: [])
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    monkeypatch.chdir(ROOT)
    make = runpy.run_path("setup.py")["SourceDistribution"]
    found = []
    for turn, names in enumerate((["a", "b"], ["b", "a"])):
        tree = tmp_path / str(turn) / "w2v-1.0"
        tree.mkdir(parents=True)
        for name in names:
            (tree / name).write_text(name)
            (tree / name).chmod((0o644, 0o664)[turn])
        monkeypatch.chdir(tree.parent)
        command = make(setuptools.Distribution())
        command.dist_dir = "."
        found.append(Path(command.make_archive("w2v-1.0", "gztar", base_dir="w2v-1.0")).read_bytes())
    assert found[0] == found[1]
    with tarfile.open(tree.parent / "w2v-1.0.tar.gz") as archive:
        assert [(one.name, one.mtime, one.uid) for one in archive] == [
            (name, 1700000000, 0) for name in ("w2v-1.0", "w2v-1.0/a", "w2v-1.0/b")]


# ------------------------------------------------------------------------------------------------- man page


def test_man_page_has_every_command():
    pytest.importorskip("argparse_manpage")
    text = load("manpage").page().replace("\\-", "-")
    assert text.startswith(".TH W2V")
    assert re.findall(r"^\.SH OPTIONS .*'w2v (\w+)'", text, re.MULTILINE) == [command.name for command in COMMANDS]
    assert "--vector-size" in text and "--vectors-size" not in text


# ------------------------------------------------------------------------------------------------- workflow


@pytest.fixture(scope="module")
def workflow():
    if not WORKFLOW.exists():
        pytest.skip("workflows are only in checkouts")
    return WORKFLOW.read_text(encoding="utf-8")


def test_actions_are_pinned(workflow):
    used = re.findall(r"uses: (\S+)(.*)", workflow)
    assert len(used) > 8
    assert not [action for action, comment in used
                if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", action) or not re.fullmatch(r" # v\d+\.\d+\.\d+", comment)]


def test_only_publishing_may_do_more_than_read(workflow):
    assert re.findall(r"^permissions: (.*)$", workflow, re.MULTILINE) == ["{}"]
    granted = re.findall(r"^      ([\w-]+: (?:read|write))", workflow, re.MULTILINE)
    jobs = dict(re.findall(r"^  (\w+):\n((?:    .*\n|\n)+)", workflow, re.MULTILINE))
    assert set(granted) == {"contents: read", "id-token: write"}
    assert [name for name, text in jobs.items() if "id-token: write" in text] == ["publish"]
    assert "needs: [audit]" in jobs["publish"] and "ref_type == 'tag'" in jobs["publish"]


def test_workflow_builds_what_the_project_file_lists(workflow):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    listed = [build.removesuffix("-*") for build in project["tool"]["cibuildwheel"]["build"]]
    assert re.findall(r"(cp\w+)-\$\{\{ matrix\.builds", workflow) == listed
    platforms = re.findall(r"builds: (\w+)}", workflow)
    assert len(platforms) == len(set(platforms)) == 8
    wheels = len(platforms) * len([name for name in listed if name != "cp314"])  # which only tests that of cp311
    assert f"wc -l)\" = {wheels}" in workflow
