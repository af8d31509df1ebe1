"""The bucket-plan lab, used as a learner uses it: by mouse, and by keyboard alone."""

import pytest
from playwright.sync_api import expect

from .pages import Lab, OpenNotebook, tab_to
from .test_labs import keep_sweep_times

WAY, SIZE, WINDOW = "batches", "batch size", "sorting window (bucketing)"
SHUFFLE, DROP = "shuffle", "drop batches that are not full"
LABELS = [WAY, SIZE, WINDOW, SHUFFLE, DROP]
WAYS = ["padded to the longest", "random batches", "bucketing", "exact length", "batch size 1"]


@pytest.fixture(scope="module")
def bucketing(open_notebook) -> OpenNotebook:
    """Lesson 04, those cells of it that lead to its lab; an epoch of each way is timed."""
    notebook = open_notebook("notebooks/04_bucketing.ipynb")
    notebook.run(
        "import keras", "datasets.load_glosses()", "model = keras.Sequential", "def seconds(",
        "labs.bucket_plan(",
    )  # fmt: skip
    return notebook


@pytest.fixture
def bucket_plan_lab(bucketing) -> Lab:
    """The lab in front, as it is before anything is touched."""
    bucketing.page.bring_to_front()
    lab = Lab(bucketing.page, "bucket plan")
    lab.control(WAY).select_option("random batches")
    for label, key, presses in ((SIZE, "Home", 2), (WINDOW, "End", 0)):
        lab.control(label).focus()
        lab.page.keyboard.press(key)
        for _ in range(presses):
            lab.page.keyboard.press("ArrowRight")
    lab.control(SHUFFLE).check()
    lab.control(DROP).uncheck()
    lab.expect_answered()
    expect(lab.verdict).to_contain_text("32 updates an epoch")
    return lab


def blocks(lab: Lab):
    return lab.panel(0).locator("g.batch")


def shown(lab: Lab, way: str) -> list[str]:
    """The line of the table for one way."""
    return next(row for row in lab.table() if row[0] == way)


def expect_updates(lab: Lab, way: str, updates: int) -> None:
    """Verdict, table and picture agree on the number of batches."""
    lab.expect_answered()
    expect(lab.verdict).to_contain_text(f"{updates} updates an epoch")
    assert shown(lab, way)[1] == str(updates)
    assert lab.panel(1).locator("rect.bar").count() == len(WAYS)
    assert lab.panel(1).locator("text.marked").text_content() == f"▶ {way}"


def test_waste_is_seen_and_counted(bucket_plan_lab):
    lab = bucket_plan_lab
    expect(lab.verdict).to_contain_text("Random batches, each padded to its own longest")
    assert blocks(lab).count() == 8  # 256 sequences in batches of 32
    assert lab.cells(0, "padding").count() == 8
    assert lab.panel(1).locator("path.other").count() == 5  # measured above
    share = {row[0]: float(row[3].strip("%")) for row in lab.table()}
    assert share["padded to the longest"] > share["random batches"] > 50
    assert share["bucketing"] < 6 and share["exact length"] == share["batch size 1"] == 0
    seconds = {row[0]: float(row[5]) for row in lab.table()}
    assert seconds["batch size 1"] == max(seconds.values())


def test_bucket_plan_by_mouse(bucket_plan_lab):
    lab = bucket_plan_lab
    for way, updates in zip(WAYS, (32, 32, 32, 55, 1000), strict=True):
        before = lab.snapshot()
        lab.control(WAY).select_option(way)
        expect_updates(lab, way, updates)
        assert lab.snapshot() != before or way == "random batches"
    lab.control(WAY).select_option("bucketing")
    slider = lab.control(SIZE)
    box = slider.bounding_box()
    slider.click(position={"x": box["width"] - 1, "y": box["height"] / 2})
    expect_updates(lab, "bucketing", 8)
    assert blocks(lab).count() == 2
    wide = shown(lab, "bucketing")[2]
    window = lab.control(WINDOW)
    window.click(position={"x": 1, "y": window.bounding_box()["height"] / 2})
    expect(lab.root.locator("output").nth(1)).to_have_text("64")
    lab.expect_answered()
    assert int(shown(lab, "bucketing")[2].replace(",", "")) > int(wide.replace(",", ""))
    lab.root.get_by_text(DROP).click()
    lab.expect_answered()
    expect(lab.verdict).to_contain_text("sequences are in no batch of this epoch")
    assert lab.cells(0, "cut").count() > 0
    expect(lab.code).to_contain_text("if len(batch) == 128")
    lab.root.get_by_text(SHUFFLE, exact=True).click()
    lab.expect_answered()
    expect(lab.code).not_to_contain_text("shuffle")


def test_bucket_plan_by_keyboard_alone(bucketing, bucket_plan_lab):
    lab, keyboard = bucket_plan_lab, bucket_plan_lab.page.keyboard
    bucketing.select(bucketing.cell_number("labs.bucket_plan("))
    place = bucketing.where()
    for label, key in zip(
        LABELS, ("ArrowDown", "ArrowLeft", "ArrowLeft", "Space", "Space"), strict=True
    ):
        tab_to(lab.control(label))
        before = lab.snapshot()
        keyboard.press(key)
        lab.expect_answered()
        assert lab.snapshot() != before, label
    expect(lab.control(WAY)).to_have_value("2")
    assert lab.root.locator("output").all_text_contents() == ["16", "512"]
    expect(lab.control(SHUFFLE)).not_to_be_checked()
    expect(lab.control(DROP)).to_be_checked()
    expect(lab.code).to_contain_text("order[i:i + 512]")
    assert bucketing.where() == place  # no key has reached JupyterLab
    expect(lab.failure).to_be_hidden()


def test_without_shuffling_the_blocks_grow(bucket_plan_lab):
    lab = bucket_plan_lab
    lab.control(WAY).select_option("bucketing")
    lab.control(SHUFFLE).uncheck()
    lab.expect_answered()
    widths = lab.cells(0, "padding").evaluate_all("all => all.map(e => +e.getAttribute('width'))")
    assert widths == sorted(widths) and widths[0] < widths[-1]


def test_times_from_key_to_pixels(bucket_plan_lab):
    keep_sweep_times(bucket_plan_lab, LABELS)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_screenshots(bucketing, bucket_plan_lab, theme):
    bucketing.set_theme(theme)
    bucket_plan_lab.screenshot(theme)
    bucketing.set_theme("light")
