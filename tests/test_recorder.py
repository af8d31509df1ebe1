"""The recorder of the experiments: each variant with each seed, in a file beside the script."""

import csv
import subprocess
import sys
from pathlib import Path

EXPERIMENTS = Path(__file__).parents[1] / "experiments"
SCRIPT = """
import os
from recorder import record

def run(variant, seed):
    return {"variant": variant, "seed": seed, "threads": os.environ["TF_NUM_INTRAOP_THREADS"]}

if __name__ == "__main__":
    record(__file__, ["first", "second"], run)
"""


def test_every_variant_is_run_with_every_seed(tmp_path):
    script = tmp_path / "some_experiment.py"
    script.write_text(SCRIPT, encoding="utf-8")
    command = [sys.executable, script, "--seeds", "2"]
    subprocess.run(command, check=True, env={"PYTHONPATH": str(EXPERIMENTS)}, timeout=120)
    with (tmp_path / "some_experiment.csv").open(encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["variant", "seed", "threads"]
    jobs = [["first", "0", "1"], ["second", "0", "1"], ["first", "1", "1"], ["second", "1", "1"]]
    assert rows[1:] == jobs
