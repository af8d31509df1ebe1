"""A class as replicates: seeds from nicknames, codes of results, and what is skipped."""

import base64

import numpy as np
import pytest
from compared_runs import ONE, ROWS, model, recorded, rows, tell, waited

from course_utils import class_codes, labs
from course_utils.class_codes import ClassRuns, Experiment
from course_utils.errors import CourseError
from course_utils.evidence import interval
from course_utils.labs.batch_size import BatchSizeCore
from course_utils.labs.five_ways import FiveWaysCore
from course_utils.training import Comparison, Variant

EXPERIMENT = Experiment("five ways", {"rows": (3, 2), "one by one": (5, 2)}, 3)
NICKNAMES = [f"learner_{number}" for number in range(30)]


def accuracies(number):
    """Three seeds of two ways."""
    return np.random.default_rng(number).uniform(0.3, 0.9, (3, 2))


def codes(experiment=EXPERIMENT):
    return [
        class_codes.write_code(experiment, name, accuracies(number))
        for number, name in enumerate(NICKNAMES)
    ]


# --- Nicknames and seeds -----------------------------------------------------------------------


def test_seeds_follow_from_the_nickname_alone():
    """The numbers are fixed: a run behind a code of last year can be repeated."""
    assert class_codes.seeds_of("ada", 3) == [248515739, 1802731440, 1887079513]
    every = [seed for name in NICKNAMES for seed in class_codes.seeds_of(name, 3)]
    assert len(set(every)) == 90 and all(10 <= seed < 2**31 for seed in every)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Ada ", "ada"),
        ("ZOË", "zoë"),
        ("zoe\u0308", "zoë"),
        ("STRASSE", "strasse"),
        ("straße", "strasse"),
        ("x_9", "x_9"),
    ],
)
def test_nicknames_are_kept_in_small_letters(typed, kept):
    assert class_codes.nickname(typed) == kept


@pytest.mark.parametrize("typed", ["", "  ", "a b", "a:b", "a" * 17, "<i>"])
def test_nicknames_that_cannot_stand_in_a_code(typed):
    with pytest.raises(CourseError, match="type 1 to 16 letters or digits"):
        class_codes.nickname(typed)


# --- Codes -------------------------------------------------------------------------------------


def test_a_code_is_short_and_brings_the_accuracies_back():
    whole = Experiment("five ways", dict.fromkeys("abcde", (47, 3)), 3)
    code = class_codes.write_code(whole, "ada", np.linspace(0, 1, 15).reshape(3, 5))
    assert code.startswith("ada:") and len(code) <= 60 and code.isascii() and " " not in code
    read = class_codes.read_codes(whole, [code])
    np.testing.assert_allclose(read.accuracies["ada"].ravel(), np.linspace(0, 1, 15), atol=5e-5)
    assert not read.skipped


def test_a_class_of_thirty_with_three_damaged_codes():
    lines = codes()
    lines[4] = lines[4][:-6]  # cut off while copying
    lines[11] = lines[11][:30] + ("A" if lines[11][30] != "A" else "B") + lines[11][31:]
    lines[22] = lines[22].replace("learner_22", "learner_99")  # somebody else's result
    read = class_codes.read_codes(EXPERIMENT, lines)
    assert list(read.accuracies) == [n for i, n in enumerate(NICKNAMES) if i not in (4, 11, 22)]
    for number, name in enumerate(NICKNAMES):
        if name in read.accuracies:
            np.testing.assert_allclose(read.accuracies[name], accuracies(number), atol=5e-5)
    assert read.of_variant(1).shape == (81,)
    assert read.of_variant(1)[:3] == pytest.approx(accuracies(0)[:, 1], abs=5e-5)
    assert read.skipped == [
        "line 5, learner_4: damaged, its checksum does not fit",
        "line 12, learner_11: damaged, its checksum does not fit",
        "line 23, learner_99: damaged, its checksum does not fit",
    ]


def test_any_changed_letter_is_found():
    code = codes()[0]
    for place in range(len("learner_0:"), len(code)):
        for letter in "Ab9-":
            if code[place] != letter:
                changed = code[:place] + letter + code[place + 1 :]
                assert not class_codes.read_codes(EXPERIMENT, [changed]).accuracies, changed


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("good morning", "line 2, “good morning”: no result code"),
        ("ada:short", "line 2, “ada:short”: no result code"),
        (codes()[0], "line 2, learner_0: a second code of this nickname, the first one counts"),
        (codes(Experiment("batch size", EXPERIMENT.updates, 3))[1],
         "line 2, learner_1: from another lab, or from one with other settings"),
        (codes(Experiment("five ways", {"rows": (6, 1), "one by one": (5, 2)}, 3))[2],
         "line 2, learner_2: from another lab, or from one with other settings"),
    ],
)  # fmt: skip
def test_what_is_skipped_is_named(line, reason):
    read = class_codes.read_codes(EXPERIMENT, [codes()[0], line])
    assert list(read.accuracies) == ["learner_0"] and read.skipped == [reason]


def test_an_accuracy_above_one_is_no_result():
    content = EXPERIMENT.fingerprint + b"\xea\x60" * 6 + bytes(4)
    code = base64.urlsafe_b64encode(content[:-4] + class_codes._checksum("eve", content[:-4]))
    read = class_codes.read_codes(EXPERIMENT, [f"eve:{code.decode()}"])
    assert not read.accuracies and read.skipped == ["line 1, eve: damaged, an accuracy above 1"]


def test_lines_of_a_chat():
    lines = [
        "",
        f"10:03 Learner: {codes()[7]}",
        f"> {codes()[8].upper()[:9]}",
        f" {codes()[9]} :) ",
    ]
    read = class_codes.read_codes(EXPERIMENT, lines)
    assert list(read.accuracies) == ["learner_7", "learner_9"]
    assert read.skipped == ["line 3, “> LEARNER_8”: no result code"]


@pytest.mark.parametrize("given", [np.zeros((2, 2)), np.full((3, 2), 1.2), np.full((3, 2), np.nan)])
def test_only_accuracies_become_a_code(given):
    with pytest.raises(ValueError, match="expected shape"):
        class_codes.write_code(EXPERIMENT, "ada", given)


def test_several_codes_on_a_line():
    one, two, three = codes()[:3]
    line = f"Participant:Jean-Baptiste_Dupont {one}\t{two} {three[:-4]}"
    read = class_codes.read_codes(EXPERIMENT, [line])
    assert list(read.accuracies) == ["learner_0", "learner_1"]
    damaged = "damaged, its checksum does not fit"
    assert read.skipped == [f"line 1, Participant: {damaged}", f"line 1, learner_2: {damaged}"]


def test_codes_side_by_side_without_a_space():
    one, two, three = codes()[:3]
    read = class_codes.read_codes(EXPERIMENT, [one + two + three])
    assert list(read.accuracies) == NICKNAMES[:3] and not read.skipped
    damaged = two[:-1] + ("A" if two[-1] != "A" else "B")
    read = class_codes.read_codes(EXPERIMENT, [f"{one}{damaged} {three}"])
    assert list(read.accuracies) == ["learner_0", "learner_2"]
    assert read.skipped == ["line 1, learner_1: damaged, its checksum does not fit"]


def test_a_code_may_come_back_in_capitals_or_in_another_form_of_unicode():
    code = class_codes.write_code(EXPERIMENT, "zoë", accuracies(1))
    written = ("ZOË" + code[3:], "zoe\u0308" + code[3:])
    for line in written:
        assert list(class_codes.read_codes(EXPERIMENT, [line]).accuracies) == ["zoë"]


def test_a_code_of_another_length_is_damaged():
    short = Experiment(EXPERIMENT.title, EXPERIMENT.updates, 2)
    content = EXPERIMENT.fingerprint + bytes(2 * short.seeds * 2)
    code = base64.urlsafe_b64encode(content + class_codes._checksum("eve", content)).decode()
    read = class_codes.read_codes(EXPERIMENT, [f"eve:{code}"])
    assert not read.accuracies and read.skipped == ["line 1, eve: damaged, of another length"]


def test_codes_that_were_skipped_are_named_before_the_lines_of_a_chat():
    read = class_codes.read_codes(EXPERIMENT, ["hello", codes()[0][:-4], "and you?"])
    assert [reason.split(",")[0] for reason in read.skipped] == ["line 2", "line 1", "line 3"]


# --- In the lab --------------------------------------------------------------------------------


def test_the_class_stands_beside_the_recorded_runs():
    core = FiveWaysCore([ROWS, ONE], recorded(), 3)
    drawn = core.scene(Comparison([ROWS, ONE], 3), "updates", False, "rows")
    class_runs = ClassRuns({"ada": accuracies(0), "bob": accuracies(1)})
    *_, panel = core.with_class(drawn, class_runs).panels
    title = "The class: 6 runs of each way, by 2 nicknames; below some, their recorded ones"
    assert panel.title == title
    assert [group.label for group in panel.groups] == ["rows", "recorded", "one by one"]
    np.testing.assert_allclose(panel.groups[0].values, [*accuracies(0)[:, 0], *accuracies(1)[:, 0]])
    np.testing.assert_allclose(panel.groups[1].values, [0.4, 0.6])
    sent = panel.as_json()
    assert sent["groups"][0]["interval"] == [round(v, 4) for v in interval(panel.groups[0].values)]
    assert sent["ticks"][0] < 0.4 and [group["variant"] for group in sent["groups"]] == [0, 0, 1]


def test_the_verdict_of_the_class_is_paired():
    """All ways of one learner share the seeds, so a small but steady lead is seen."""
    core = FiveWaysCore([ROWS, ONE], recorded(), 3)
    drawn = core.scene(Comparison([ROWS, ONE], 3), "updates", False, "rows")
    runs = {name: accuracies(i)[:, :1] + [0, 0.01] for i, name in enumerate(NICKNAMES)}
    said = core.with_class(drawn, ClassRuns(runs)).verdict
    assert said.startswith("The class. Highest mean over 90 seeds: one by one. ")
    assert "rows -0.010 [-0.010, -0.010]." in said and "no difference" not in said
    assert said.endswith(" Nothing as long is recorded of one by one.")


def test_runs_of_another_length_do_not_stand_beside_the_class():
    core = FiveWaysCore([Variant("rows", model, lambda seed: rows(seed) | {"epochs": 3})],
                        recorded(), 3)  # fmt: skip
    drawn = core.scene(Comparison(core.variants.values(), 3), "updates", False, "rows")
    shown = core.with_class(drawn, ClassRuns({"ada": accuracies(0)[:, :1]}))
    assert [group.label for group in shown.panels[-1].groups] == ["rows"]
    assert "Nothing as long is recorded of rows." in shown.verdict


def view():
    return labs.five_ways([ROWS, ONE], recorded(), 2)


def test_train_takes_the_seeds_of_the_nickname_and_gives_a_code():
    lab = view()
    lab.nickname = "Ada"
    first, second = class_codes.seeds_of("ada", 2)
    assert lab.said == f"Train will take the seeds of ada: {first}, {second}."
    lab.train()
    assert lab.comparison.seeds == [first, second] and lab.code == ""
    waited(lab)
    values = lab.comparison.values("val_accuracy")
    read = class_codes.read_codes(lab._experiment, [lab.code])
    expected = np.transpose([values["rows"], values["one by one"]])
    np.testing.assert_allclose(read.accuracies["ada"], expected, atol=5e-5)
    assert lab.said == "The code of ada is ready: press Copy."
    code = lab.code
    lab.nickname = "bob"
    assert lab.code == ""  # these runs are not bob's
    lab.nickname = "ADA "
    assert lab.code == code
    lab.nickname = ""
    assert lab.said == "Train will take the seeds 0 to 1."
    lab.train()
    assert lab.comparison.seeds == [0, 1]
    waited(lab)
    assert lab.code == ""


def test_a_nickname_that_cannot_be_is_told():
    lab = view()
    lab.nickname = "a b"
    assert lab.said == (
        "Found the nickname “a b”; type 1 to 16 letters or digits. Until then Train takes the "
        "seeds 0 to 1."
    )


def test_no_code_of_runs_that_were_not_measured(monkeypatch):
    lab = labs.batch_size([ROWS, ONE], {}, 2)
    unmeasured = np.array([[0.5, np.nan], [0.5, 0.6]])
    monkeypatch.setattr(lab, "_accuracies", lambda comparison: unmeasured)
    lab.nickname = "ada"
    lab.train()
    waited(lab)
    assert (lab.running, lab.code, lab.failure) == ("done", "", "")
    assert lab.said.startswith("There is no code: a run was not measured as early as")


def test_accuracies_of_a_run_that_was_measured_too_late_are_nan():
    late = Variant("late", model, lambda seed: rows(seed) | {"epochs": 1})
    core = BatchSizeCore([ROWS, late], {}, 1)
    comparison = Comparison([ROWS, late], 1)
    tell(comparison, "rows", 0, [0.2, 0.6])
    tell(comparison, "late", 0, [0.7], updates=5)
    assert np.isnan(core.class_accuracies(comparison)).tolist() == [[False, True]]


def test_a_later_paste_takes_a_failure_back():
    lab = view()
    lab.failure = "of before"
    lab.pasted = "hello"
    assert lab.failure == ""


def test_no_code_of_runs_that_were_cancelled():
    lab = view()
    lab.nickname = "ada"
    lab._trained_by = "ada"
    tell(lab.comparison, "rows", 0, [0.5], end="cancelled")
    lab._say("cancelled")
    assert lab.code == ""


def test_pasted_codes_are_drawn_and_what_is_skipped_is_said():
    lab = view()
    before = len(lab.scene["panels"])
    good = class_codes.write_code(lab._experiment, "ada", np.array([[0.5, 0.6], [0.7, 0.6]]))
    lab.pasted = f"{good}\nhello\n"
    assert len(lab.scene["panels"]) == before + 1 and lab.failure == ""
    assert lab.said == "1 code read.\nSkipped line 2, “hello”: no result code."
    title = lab.scene["panels"][-1]["title"]
    assert title.startswith("The class: 2 runs of each way, by 1 nickname; below")
    lab.set(axis="epochs")
    assert len(lab.scene["panels"]) == before + 1  # whatever the controls show
    lab.pasted = ""
    assert len(lab.scene["panels"]) == before and lab.said == "0 codes read."


def test_a_long_chat_does_not_bury_the_lab():
    lab = view()
    lab.pasted = "\n".join(f"word {number}" for number in range(300))
    assert lab.said.count("\n") == 11 and lab.said.endswith("\nSkipped 290 more.")


def test_a_single_run_has_no_distribution_yet():
    lab = labs.five_ways([ROWS, ONE], recorded(), 1)
    before = len(lab.scene["panels"])
    lines = [class_codes.write_code(lab._experiment, name, np.array([[0.5, 0.6]])) for name in "ab"]
    lab.pasted = lines[0]
    assert len(lab.scene["panels"]) == before and lab.said == "1 code read."
    lab.pasted = "\n".join(lines)
    assert len(lab.scene["panels"]) == before + 1 and lab.failure == ""
