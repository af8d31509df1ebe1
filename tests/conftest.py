"""What all tests share: a quiet start of TensorFlow, and a learner's record of their own."""

import pytest

import course_utils  # noqa: F401  (before anything imports Keras)
from course_utils import progress


@pytest.fixture(autouse=True)
def own_progress(monkeypatch, tmp_path):
    """No test touches the record of the person who runs it."""
    monkeypatch.setenv(progress.PATH_VARIABLE, str(tmp_path / "progress.json"))
