"""What holds for every test, the notebooks run by nbval included."""

import json
import os
import shutil
import tempfile
import time
from pathlib import Path

# A record of their own for the tests, and for the kernels that they start: nobody's real answers
# are read or changed. Set here, before any test module is imported, and once for each process.
FOLDER = Path(tempfile.mkdtemp(prefix="keras-sequence-lab-"))
RECORD = FOLDER / "progress.json"
os.environ["KERAS_SEQUENCE_LAB_PROGRESS"] = str(RECORD)

# Two tests run at a time, each with a kernel: on two cores that is quickest with a thread for each.
for threads in ("TF_NUM_INTEROP_THREADS", "TF_NUM_INTRAOP_THREADS"):
    os.environ.setdefault(threads, "1")

SCREENSHOTS = Path(__file__).parent / "tests" / "browser" / "screenshots"
BEGAN = time.time()

_file_in_turn = None


def pytest_runtest_setup(item):
    """Every file begins with an empty record: a lesson shows how many questions are answered."""
    global _file_in_turn
    if item.path != _file_in_turn:
        _file_in_turn = item.path
        RECORD.unlink(missing_ok=True)


def pytest_terminal_summary(terminalreporter):
    """The times that the browser tests have measured, which no test asserts."""
    files = [path for path in SCREENSHOTS.glob("times-*.json") if path.stat().st_mtime >= BEGAN]
    times = {}
    for path in files:
        times |= json.loads(path.read_text(encoding="utf-8"))
    if not times:
        return
    terminalreporter.section("times in the browser: from a key press to changed pixels, in ms")
    terminalreporter.write_line(f"{'control':45}{'n':>5}{'median':>9}{'p95':>9}{'max':>9}")
    for name, t in sorted(times.items()):
        terminalreporter.write_line(
            f"{name:45}{t['n']:5}{t['median']:9.1f}{t['p95']:9.1f}{t['max']:9.1f}"
        )


def pytest_unconfigure():
    shutil.rmtree(FOLDER, ignore_errors=True)
