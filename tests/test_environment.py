"""The machine check: each failure in plain words."""

import sys
from collections import namedtuple

import pytest

from course_utils import environment

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def shown(monkeypatch):
    texts = []
    monkeypatch.setattr(environment, "display", lambda data, **_: texts.append(data["text/plain"]))
    return texts


def test_this_machine_is_fine(shown):
    environment.check()
    assert shown[0].endswith("Your machine is ready.")
    assert shown[0].count(": fine") == len(environment.CHECKS)


@pytest.mark.parametrize("version", [(3, 10), (3, 14)])
def test_unsupported_python(monkeypatch, version):
    monkeypatch.setattr(sys, "version_info", (*version, 0, "final", 0))
    finding = environment.python()
    assert finding.found == f"{version[0]}.{version[1]}"
    assert "Python 3.11 to 3.13" in finding.remedy


def test_other_keras(monkeypatch):
    monkeypatch.setattr(environment.keras, "__version__", "3.99.0")
    assert "checked with Keras 3.15" in environment.keras_version().remedy


@pytest.mark.parametrize(("version", "fine"), [("4.6.6", True), ("4.5.9", False), ("3.6", False)])
def test_old_jupyterlab(monkeypatch, version, fine):
    monkeypatch.setattr(environment.importlib.metadata, "version", lambda name: version)
    assert (environment.jupyterlab().remedy == "") is fine


def test_missing_package(monkeypatch):
    def missing(name):
        raise environment.importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(environment.importlib.metadata, "version", missing)
    finding = environment.widgets()
    assert finding.found == "missing" and "anywidget 0.9 or newer" in finding.remedy


def test_little_memory(monkeypatch):
    monkeypatch.setattr(environment, "_free_memory", lambda: 0.4)
    finding = environment.memory()
    assert finding.found == "0.4 GB free" and "Shut Down All Kernels" in finding.remedy


def test_unknown_memory_is_no_failure(monkeypatch):
    monkeypatch.setattr(environment, "_free_memory", lambda: None)
    assert environment.memory().remedy == ""


def test_full_disk(monkeypatch):
    monkeypatch.setattr(environment.shutil, "disk_usage", lambda path: Usage(1, 1, 1000))
    assert "cannot be saved" in environment.disk().remedy


def test_damaged_data(monkeypatch):
    monkeypatch.setattr(environment.datasets, "verify", lambda: ["data/x is damaged."])
    finding = environment.data()
    assert finding.found == "1 of 5 files unusable" and finding.remedy == "data/x is damaged."


def test_failures_are_counted(monkeypatch, shown):
    monkeypatch.setattr(environment, "_free_memory", lambda: 0.4)
    environment.check()
    assert "1 things to mend." in shown[0]


def test_browser_is_answered():
    check = environment.BrowserCheck()
    check.hello = "from the page"
    assert check.answer.startswith("Fine:")
