"""The lab that trains: started, watched, cancelled and read, in a real browser."""

import itertools
import re
import time

import numpy as np
import pytest
from playwright.sync_api import expect

from course_utils import class_codes
from course_utils.class_codes import Experiment

from .pages import Lab, OpenNotebook, keep_times, tab_to

WAYS = ["padding", "masking", "sample_weight", "bucketing", "batch size 1"]
TRIES = 20  # of the cancel button
# The lesson's own ways, on fewer definitions, so that a test need not wait for all of them.
FEWER = """
definitions, alone, epochs = 320, 60, 2
x, y, x_val, y_val = x[:definitions], y[:definitions], x_val[:64], y_val[:64]
"""
# Seconds from a click until the first point is drawn, and pictures a second after it.
FIRST_POINT = """root => {
    root.pictures = [];
    root.clicked = null;
    root.addEventListener("click", () => { root.clicked ??= performance.now() }, true);
    new MutationObserver(() => {
        if (root.querySelector(".picture path.curve[d*='L']") && root.clicked !== null)
            root.pictures.push(performance.now() - root.clicked);
    }).observe(root.querySelector(".picture"), { childList: true });
}"""


@pytest.fixture(scope="module")
def notebook(open_notebook) -> OpenNotebook:
    """Lesson 06, those cells of it that define the ways, on few definitions."""
    opened = open_notebook("notebooks/06_five_ways.ipynb")
    opened.run("import keras", 'profile = "fast"', "profiles = {")
    opened.execute(FEWER)
    opened.run(
        "def classifier(", "def padding(", "def stepwise_classifier(", "def sample_weight(seed)",
        "def bucketing(", "ways = [", "labs.five_ways(",
    )  # fmt: skip
    return opened


@pytest.fixture
def lab(notebook) -> Lab:
    """The lab, in front, with nothing going on."""
    found = Lab(notebook.page, "five ways")
    found.expect_no_training()
    return found


def train_to_the_end(lab: Lab) -> None:
    if lab.root.get_attribute("data-running") != "done":
        lab.button("Train").click()
        lab.expect_training("done")


def test_nothing_is_trained_before_it_is_asked_for(lab):
    lab.expect_training("idle")
    assert [row[:2] for row in lab.table()] == [[way, "waiting"] for way in WAYS]
    expect(lab.root.get_by_role("button", name="Cancel")).to_have_attribute("aria-disabled", "true")
    expect(lab.picture.locator(".band")).not_to_have_count(0)
    assert lab.picture.locator(".variant").first.locator("path.curve").count() == 1  # the legend


def test_train_by_mouse_to_the_end(notebook, lab):
    lab.root.evaluate(FIRST_POINT)
    for start in ("cold", "warm"):
        lab.root.evaluate("root => { root.pictures = []; root.clicked = null }")
        lab.button("Train").click()
        lab.expect_training("running")
        expect(lab.button("Train")).to_have_attribute("aria-disabled", "true")
        expect(lab.root.locator(".status")).to_contain_text("of 15 runs are over")
        lab.expect_training("done")
        pictures = lab.root.evaluate("root => root.pictures")
        gaps = [after - before for before, after in itertools.pairwise(pictures)]
        keep_times(
            f"five ways {start}",
            {"click to first point": pictures[:1] * 2, "between two pictures": gaps},
        )
    table = lab.table()
    assert [row[:2] for row in table] == [[way, "done"] for way in WAYS]
    assert all(0 < float(row[2]) <= 1 for row in table)
    # 320 definitions in batches of 32 and 60 one by one, each twice.
    assert [row[5] for row in table] == ["20 of 20"] * 4 + ["120 of 120"]
    assert lab.picture.locator(".variant").nth(0).locator("path.curve").count() == 2
    expect(lab.verdict).to_contain_text("Highest mean over 3 seeds: ")
    notebook.expect_no_errors()


def test_controls_by_keyboard_alone(notebook, lab):
    train_to_the_end(lab)
    lab.button("Train").focus()
    lab.page.keyboard.press("Tab")
    expect(lab.button("Cancel")).to_be_focused()
    lab.control("equal").focus()
    expect(lab.picture).to_contain_text("optimizer updates")
    lab.page.keyboard.press("ArrowDown")
    expect(lab.picture).not_to_contain_text("optimizer updates")
    lab.page.keyboard.press("ArrowDown")
    expect(lab.picture).to_contain_text("seconds of training")
    tab_to(lab.control("a single seed only"))
    lab.page.keyboard.press("Space")
    expect(lab.verdict).to_contain_text("Seed 0 alone would have claimed this order: ")
    lab.page.keyboard.press("Space")
    expect(lab.verdict).to_contain_text("Highest mean over 3 seeds")
    tab_to(lab.control("Keras lines of"))
    expect(lab.code).to_contain_text("def padding(seed):")
    lab.page.keyboard.press("ArrowDown")
    expect(lab.code).to_contain_text("def masking(seed):")
    expect(lab.code).to_contain_text("mask_zero")
    notebook.expect_no_errors()


def test_cancel_at_any_moment(notebook, lab):
    """While it compiles, trains or validates; with the keyboard, and the lab can train again."""
    taken = []
    for attempt in range(TRIES):
        lab.button("Train").focus()
        lab.page.keyboard.press("Enter")
        lab.expect_training("compiling" if attempt % 4 == 0 else "running")
        lab.page.wait_for_timeout(130 * (attempt % 7))
        if lab.root.get_attribute("data-running") == "done":
            continue
        began = time.perf_counter()
        lab.button("Cancel").focus()
        lab.page.keyboard.press("Space")
        lab.expect_training("cancelled", seconds=5)
        taken.append(1000 * (time.perf_counter() - began))
        expect(lab.root.locator(".status")).to_contain_text("Cancelled")
        assert "cancelled" in {row[1] for row in lab.table()}
    assert len(taken) > TRIES // 2
    keep_times("five ways cancel", {"click to cancelled": taken})
    lab.button("Train").click()
    lab.expect_training("done")
    assert {row[1] for row in lab.table()} == {"done"}
    notebook.expect_no_errors()


def test_a_class_as_replicates(notebook, lab):
    """By keyboard: a nickname, the code of its runs, and thirty pasted codes, three damaged."""
    page, root = notebook.page, lab.root
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    root.get_by_text("With a class").click()
    nickname = root.get_by_label("nickname")
    for typed, refused in (("Ada Lovelace", "true"), ("Ada", "false")):
        nickname.fill(typed)
        page.keyboard.press("Tab")
        expect(root.locator(".said")).to_contain_text(typed if refused == "true" else "ada")
        expect(nickname).to_have_attribute("aria-invalid", refused)
    seeds = ", ".join(map(str, class_codes.seeds_of("ada", 3)))
    expect(root.locator(".said")).to_have_text(f"Train will take the seeds of ada: {seeds}.")
    expect(root.get_by_label("your code")).to_have_value("")
    lab.button("Train").click()
    lab.expect_training("running")
    lab.expect_training("done")
    expect(root.get_by_label("your code")).to_have_value(re.compile("^ada:"))
    lab.button("Copy").focus()
    page.keyboard.press("Enter")
    expect(root.locator(".said")).to_have_text("Your code is copied.")
    own = page.evaluate("() => navigator.clipboard.readText()")
    assert own == root.get_by_label("your code").input_value()

    updates = dict.fromkeys(WAYS, (10, 2)) | {"batch size 1": (60, 2)}
    experiment = Experiment("five ways", updates, 3)
    (ran,) = class_codes.read_codes(experiment, [own]).accuracies.values()
    assert [f"{mean:.3f}" for mean in ran.mean(axis=0)] == [row[2] for row in lab.table()]
    others = [
        class_codes.write_code(experiment, f"learner_{number}", np.clip(ran + shift, 0, 1))
        for number, shift in enumerate(np.linspace(-0.1, 0.1, 29))
    ]
    lines = [own, *others]
    lines[3], lines[8], lines[20] = lines[3][:-5], lines[8].replace("7", "8"), "forgot mine"
    root.get_by_label("codes of the class").fill("\n".join(lines))
    expect(root.locator(".said")).to_contain_text("27 codes read.")
    said = root.locator(".said").inner_text().splitlines()
    assert [line.split(":")[0] for line in said[1:]] == [
        "Skipped line 4, learner_2", "Skipped line 9, learner_8", "Skipped line 21, “forgot mine”",
    ]  # fmt: skip
    class_panel = lab.panel(2)
    expect(class_panel).to_contain_text("The class: 81 runs of each way, by 27 nicknames")
    circles = class_panel.locator(".runs").nth(4).locator("circle")
    assert class_panel.locator(".runs").count() == 5 and circles.count() == 81
    expect(lab.verdict).to_contain_text("The class. Highest mean over 81 seeds")
    expect(lab.verdict).to_contain_text("Nothing as long is recorded of padding, masking")
    notebook.expect_no_errors()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_screenshots(notebook, lab, theme):
    notebook.set_theme(theme)
    lab.screenshot(theme)
    notebook.set_theme("light")
