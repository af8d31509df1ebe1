"""Run every lesson longer than the tests do, and report what it took: ``course.py test --full``.

papermill runs each solved notebook that has a cell tagged ``parameters`` with three other seeds
and with half as many epochs again (lesson 06 with ten seeds), the others once as they are; two at
a time. The report says for each notebook the time, the peak memory and the claims. It stands in
``docs/measured.md``; the notebooks as they ran, and every claim with what each run measured
(``claims.csv``), stay in ``.full``. Ends with exit code 1 if a claim falls or a cell fails.
"""

import ast
import csv
import math
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import joblib
import nbformat
import papermill
from reference import CLAIM_KEY
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[1]
SOLUTIONS = ROOT / "notebooks" / "solutions"
KEPT = ROOT / ".full"
REPORT = ROOT / "docs" / "measured.md"
SEEDS = (1, 2, 3)  # the built notebooks have seed 0
EPOCHS = 1.5  # times those of the lesson
AT_A_TIME = 2
# On Linux.
PEAK_IN_MB = "import resource\n\nresource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024"
HEAD = """# Measured

What the lessons take when they run from their first cell to their last, exercises solved: the
longest of the runs named, in the full profile (other seeds than the notebooks show, half as many
epochs again), two notebooks at a time on two cores without a GPU. *Stopped* are runs that a claim
or an error has ended. Made by `python3 course.py test --full`.

| lesson | runs | minutes | peak memory, MB | claims | stopped |
|---|---|---|---|---|---|"""


@dataclass(frozen=True)
class Ran:
    """One run of one notebook."""

    name: str
    parameters: dict
    seconds: float
    megabytes: int
    claims: dict[str, str]  # what was measured, by the id of the claim
    failure: str


def jobs(names: list[str]) -> list[tuple[str, dict]]:
    """Which notebooks to run, with which parameters."""
    chosen = []
    for name in names:
        given = _parameters(name)
        if "profile" in given:
            chosen.append((name, {"profile": "ten seeds"}))
        elif "seed" in given:
            more = {"epochs": math.ceil(EPOCHS * given["epochs"])} if "epochs" in given else {}
            chosen += [(name, {"seed": seed, **more}) for seed in SEEDS]
        else:
            chosen.append((name, {}))
    return chosen


def _parameters(name: str) -> dict:
    """What the cell tagged ``parameters`` sets to a constant."""
    cells = nbformat.read(SOLUTIONS / f"{name}.ipynb", as_version=4).cells
    tagged = [c.source for c in cells if "parameters" in c.metadata.get("tags", [])]
    return {
        statement.targets[0].id: statement.value.value
        for statement in ast.parse("\n".join(tagged)).body
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)
    }


def run(name: str, parameters: dict) -> Ran:
    """Run one notebook in a kernel of its own, and keep it as it ran."""
    notebook = nbformat.read(SOLUTIONS / f"{name}.ipynb", as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(PEAK_IN_MB))
    title = "-".join([name, *(f"{key}-{value}" for key, value in parameters.items())])
    result, failure = KEPT / f"{title.replace(' ', '-')}.ipynb", ""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["KERAS_SEQUENCE_LAB_PROGRESS"] = str(Path(folder) / "progress.json")
        longer = Path(folder) / "notebook.ipynb"
        nbformat.write(notebook, longer)
        try:
            papermill.execute_notebook(
                longer, result, parameters, kernel_name="python3",
                cwd=str(SOLUTIONS), progress_bar=False,
            )  # fmt: skip
        except papermill.PapermillExecutionError as error:
            failure = f"{error.ename}: {error.evalue.splitlines()[0]}"
    ended = nbformat.read(result, as_version=4)
    outputs = [output for cell in ended.cells for output in cell.get("outputs", [])]
    stated = [o.metadata[CLAIM_KEY] for o in outputs if CLAIM_KEY in o.get("metadata", {})]
    claims = {claim["id"]: claim["evidence"] for claim in stated}
    peak = 0 if failure else int(ended.cells[-1].outputs[0].data["text/plain"])
    return Ran(name, parameters, ended.metadata.papermill.duration, peak, claims, failure)


def report(ran: list[Ran]) -> str:
    """The page: a row a notebook, of its longest run."""
    lines = [HEAD]
    for name in dict.fromkeys(one.name for one in ran):
        own = [one for one in ran if one.name == name]
        runs = [" ".join(f"{key} {value}" for key, value in one.parameters.items()) for one in own]
        row = (
            name,
            "; ".join(filter(None, runs)) or "as it is",
            f"{max(one.seconds for one in own) / 60:.1f}",
            max(one.megabytes for one in own),
            max(len(one.claims) for one in own),
            sum(bool(one.failure) for one in own),
        )
        lines.append(f"| {' | '.join(map(str, row))} |")
    return "\n".join(lines) + "\n"


def write_claims(path: Path, ran: list[Ran]) -> None:
    """Every claim with what each run measured."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["notebook", "parameters", "claim", "measured"])
        for one in ran:
            writer.writerows([one.name, one.parameters, *item] for item in one.claims.items())


def main(numbers: list[str]) -> int:
    """Run the lessons with these numbers, or all of them and write the report into ``docs``."""
    paths = sorted(SOLUTIONS.glob("[0-9][0-9]_*.ipynb"))
    chosen = jobs([path.stem for path in paths if not numbers or path.stem[:2] in numbers])
    KEPT.mkdir(exist_ok=True)
    for threads in ("TF_NUM_INTEROP_THREADS", "TF_NUM_INTRAOP_THREADS"):
        os.environ.setdefault(threads, "1")
    parallel = joblib.Parallel(n_jobs=AT_A_TIME, return_as="generator_unordered")
    ran = []
    for one in tqdm(parallel(joblib.delayed(run)(*job) for job in chosen), total=len(chosen)):
        ran.append(one)
        tqdm.write(f"{one.name} {one.parameters or ''}: {one.seconds:.0f} s, {one.megabytes} MB, "
                   f"{len(one.claims)} claims. {one.failure}")  # fmt: skip
    ran.sort(key=lambda one: (one.name, str(one.parameters)))
    write_claims(KEPT / "claims.csv", ran)
    print(report(ran))
    if not numbers:
        REPORT.write_text(report(ran), encoding="utf-8")
    return int(any(one.failure for one in ran))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
