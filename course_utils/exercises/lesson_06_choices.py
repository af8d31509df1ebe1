"""The other checks of lesson 06: to judge a comparison, and to choose a way."""

from collections.abc import Callable

import numpy as np

from course_utils.evidence import interval
from course_utils.exercises.checking import (
    Wrong,
    call,
    described,
    function,
    not_none,
    register,
    short,
)

Rule = Callable[[np.ndarray, np.ndarray], str]
"""A way, right or wrong, to compare two arrays of accuracies: one of ``VERDICTS``."""

VERDICTS = ("first", "second", "no difference")
WAYS = ("batch size 1", "sample_weight", "bucketing", "masking")


@register(
    "verdict",
    hints=(
        "The two runs of one seed belong together. What is the difference of each pair? From here "
        "on, forget the accuracies themselves.",
        "`interval` of the differences gives three numbers; the last two are the ends. Where do "
        "they have to lie for the first way to be better?",
        "If the lower end is above 0, so is the whole interval. If the upper end is below 0, so is "
        "the whole interval. What is left contains 0.",
    ),
    praise="What both ways share, such as a lucky seed, is gone from the differences. And "
    "'no difference' means none that these runs can show.",
)
def check_verdict(answer) -> None:
    verdict = function(answer, "verdict(first, second)")
    cases = [(np.array(first) / 1000, np.array(second) / 1000) for first, second in _ACCURACIES]
    found, expected, shown = [], [_paired(*case) for case in cases], []
    for first, second in cases:
        shown.append(f"first = {short(first)} and second = {short(second)}")
        returned = call(verdict, first, second, shown=shown[-1])
        found.append(_one_of(VERDICTS, returned, shown[-1]))
    if found == expected:
        return
    place = next(i for i, word in enumerate(found) if word != expected[i])
    mean, low, high = (short(value) for value in interval(np.subtract(*cases[place])))
    diagnosis = (
        f"The paired differences have the mean {mean} and the 95 % interval from {low} to {high}. "
        "Where does it lie, seen from 0?"
    )
    for rule, belief in _VERDICT_BELIEFS:
        if found == [rule(*case) for case in cases]:
            diagnosis = belief
    raise Wrong(f"With {shown[place]} your function returned {found[place]!r}. {diagnosis}")


def _one_of(words: tuple[str, ...], value, shown: str) -> str:
    """What the answer returned, if it is one of ``words``; a NumPy text will do."""
    not_none(value, shown)
    if isinstance(value, np.ndarray) and not value.ndim:
        value = value.item()
    if not isinstance(value, str) or value not in words:
        expected = ", ".join(repr(word) for word in words)
        raise Wrong(
            f"With {shown} your function returned {described(value)}; expected one of {expected}."
        )
    return str(value)


_ACCURACIES = (  # in thousandths; every case parts some of the beliefs below from the right rule
    ((581, 774, 804, 853, 622), (570, 766, 797, 842, 608)),  # small, and the same for every seed
    ((652, 641, 642, 642), (817, 784, 762, 755)),  # large
    (
        (594, 738, 671, 694, 667, 587, 647, 830, 626, 642, 631, 641),  # many seeds, both signs
        (649, 757, 712, 714, 735, 570, 630, 823, 650, 675, 694, 655),
    ),
    ((793, 844, 622, 727, 772), (807, 756, 696, 731, 595)),  # fewer wins, and the larger mean
    ((717, 656, 711), (705, 608, 675)),  # few seeds, all on one side
    ((778, 706, 653, 824, 828), (923, 730, 658, 844, 836)),  # all on one side, one of them far
)


def _side(low: float, high: float) -> str:
    return VERDICTS[0] if low > 0 else VERDICTS[1] if high < 0 else VERDICTS[2]


def _paired(first: np.ndarray, second: np.ndarray) -> str:
    return _side(*interval(first - second)[1:])


def _on(statistic: Callable[[np.ndarray, np.ndarray], tuple[float, float]]) -> Rule:
    """The rule that looks where the two numbers ``statistic(first, second)`` lie, seen from 0."""
    return lambda first, second: _side(*statistic(first, second))


def _beyond(half: Callable[[np.ndarray], float]) -> Rule:
    """The rule that the mean of the differences counts from ``half(differences)`` on."""
    return _on(lambda f, s: ((f - s).mean() - half(f - s), (f - s).mean() + half(f - s)))


_SCATTER = (
    "That asks how far single differences scatter (the standard deviation). The question is how "
    "well their mean is known, and that gets better with every seed."
)
_MARGIN = (
    "A fixed margin decides, whatever the runs. A small difference can be sure and a large one "
    "chance: the scatter of the differences tells which."
)
_ONE_END = (
    "It is enough for you that one end of the interval is on a side of 0. If the other end is on "
    "the other side, the interval contains 0."
)
_NEVER_NAMED = (
    "One of the two ways is never named, though its interval can lie on its side of 0 as well."
)
_VERDICT_BELIEFS: tuple[tuple[Rule, str], ...] = (
    (_beyond(lambda d: 0), "The larger mean won. With other seeds it might have been the other "
        "one: how sure is the difference?"),
    (_on(lambda f, s: (interval(f)[1] - interval(s)[2], interval(f)[2] - interval(s)[1])),
        "Each way got an interval of its own, and they were compared. These are wide because the "
        "seeds differ, and that meets both ways alike. Run i of the one belongs to run i of the "
        "other."),
    (_beyond(lambda d: d.std(ddof=1)), _SCATTER),
    (_beyond(lambda d: 2 * d.std(ddof=1)), _SCATTER),
    (_on(lambda f, s: (np.sign(f - s).sum(),) * 2),
        "The way that won more seeds was named. How large the wins and losses are counts as well."),
    (_on(lambda f, s: ((f - s).min(), (f - s).max())),
        "A way was named only if it won every seed. With a few seeds that happens by chance, and "
        "with many a single loss does not decide."),
    (_beyond(lambda d: 2 * d.std(ddof=1) / np.sqrt(d.size)),
        "The fewer the seeds, the less is known of the scatter itself, and the further the "
        "interval reaches. With three seeds that is more than about two standard errors: see "
        "Student's t."),
    (_beyond(lambda d: d.std(ddof=1) / np.sqrt(d.size)),
        "One standard error to each side is an interval of about 68 %, less with few seeds; asked "
        "for are 95 %."),
    (lambda f, s: _paired(s, f), "The two names are swapped: where the first way has the higher "
        "accuracies, the second is named."),
    (_on(lambda f, s: (f.max() - s.max(),) * 2),
        "The best runs were compared. A best run is luck, and more so the more seeds there are."),
    (lambda f, s: _paired(np.sort(f), np.sort(s)),
        "The accuracies were sorted before they were compared: now the best run meets the best "
        "one, and no longer the one of its own seed."),
    (_beyond(lambda d: 0.02), _MARGIN),
    (_beyond(lambda d: 0.03), _MARGIN),
    (_on(lambda f, s: interval(f - s)[:0:-1]), _ONE_END),
    (lambda f, s: "second" if interval(f - s)[1] < 0 else "first", _ONE_END),
    (_on(lambda f, s: (interval(f - s)[1], np.inf)), _NEVER_NAMED),
    (_on(lambda f, s: (-np.inf, interval(f - s)[2])), _NEVER_NAMED),
    (_beyond(lambda d: 1), "You never find a difference. What has to be true of the interval for "
        "one?"),
)  # fmt: skip


@register(
    "choose_way",
    hints=(
        "Three questions in their order, and the first yes decides. Which facts answer each?",
        "Weights count only if they are there and differ. Padded to the longest, there are as many "
        "rows as sequences, all as wide as the longest: how many of these cells are real?",
        "A set of the weights has more than one member if they differ; ask first whether there "
        "are any, with `is None`, which also works for arrays.",
    ),
    praise="That is a first answer, not the last: masks, weights and buckets can be combined, and "
    "only runs tell what it is worth for your data.",
)
def check_choose_way(answer) -> None:
    choose_way = function(answer, "choose_way(lengths, step_weights, arrive_alone)")
    for lengths, step_weights, arrive_alone, right, diagnoses in _CHOICES:
        shown = (
            f"lengths = {lengths}, step_weights = {short(step_weights)} and "
            f"arrive_alone = {arrive_alone}"
        )
        returned = call(choose_way, lengths, step_weights, arrive_alone, shown=shown)
        found = _one_of(WAYS, returned, shown)
        if found != right:
            diagnosis = diagnoses.get(found, "Go through the questions in their order by hand.")
            raise Wrong(f"With {shown} your function returned {found!r}. {diagnosis}")


_CHOICES = (  # lengths, step_weights, arrive_alone, the right way, and what wrong ones show
    ([7], None, False, "masking", {
        "batch size 1": "There is one sequence, but that does not mean that they arrive alone: "
        "there is an argument which says so.",
        "bucketing": "Nothing would be padding here. Is your share that of the real cells?",
    }),
    ([5, 4, 3], None, True, "batch size 1", {
        "masking": "The sequences arrive alone: there is nothing to pad them against.",
    }),
    ([5, 4, 3], [0, 0, 0, 0, 1], True, "batch size 1", {
        "sample_weight": "You asked for the weights first. Whether there is anything to batch with "
        "comes before them.",
    }),
    ([4, 1, 1, 1], None, True, "batch size 1", {
        "bucketing": "You asked for the padding first; what arrives alone can share no bucket.",
    }),
    ([5, 4, 3], [0, 0, 0, 0, 1], False, "sample_weight", {
        "masking": "The weights had no effect, though the last step counts and the others do not.",
    }),
    ([4, 3, 4], [1, 1, 3, 1], False, "sample_weight", {
        "masking": "No weight is 0 and the first equals the last; still one step counts more.",
    }),
    ([4, 1, 1, 1], [0, 0, 0, 1], False, "sample_weight", {
        "bucketing": "There is much padding, but weights that differ are asked for before it.",
    }),
    ([5, 4, 3], [1, 1, 1, 1, 1], False, "masking", {
        "sample_weight": "There are weights, but no step counts more than another: they tell the "
        "loss nothing.",
    }),
    ([4, 3, 3], [3, 3, 3, 3], False, "masking", {
        "sample_weight": "All weights are 3. Whether a weight is 1 does not matter; whether they "
        "differ does.",
    }),
    ([6, 5, 5, 4], np.array([2, 2, 7, 2, 2, 2]), False, "sample_weight", {}),
    ([6, 1, 2, 1, 2], None, False, "bucketing", {
        "masking": "All padded to 6, 18 of the 30 cells would be padding. That is more than half.",
        "batch size 1": "It would avoid the padding, too, but with one update for each sequence; "
        "these do not arrive alone.",
    }),
    ([4, 1, 1, 1], [1, 1, 1, 1], False, "bucketing", {
        "masking": "Equal weights ended the decision. They tell nothing, so the next question has "
        "its turn.",
    }),
    ([10, 9, 10, 2], None, False, "masking", {
        "bucketing": "One short sequence among long ones: 9 of the 40 cells would be padding. The "
        "two extremes do not tell how much is padded.",
    }),
    ([20, 9, 20, 9, 9], None, False, "masking", {
        "bucketing": "Most of the sequences are shorter than half of the longest, but 33 of the "
        "100 cells would be padding: count cells, not sequences.",
    }),
    ([10, 6, 5, 3], None, False, "masking", {
        "bucketing": "16 cells would be padding and 24 real. You seem to compare the padding with "
        "the real cells; the question is its share of all 40.",
    }),
    ([8, 4, 3, 1], None, False, "masking", {
        "bucketing": "Exactly half of the cells, 16 of 32, would be padding; asked is for more.",
    }),
)  # fmt: skip
