"""The nine experiments of the capstone's rubric.

Each is a function of the hand-ins of one design, one for each seed. It returns what it found, or
raises ``Missing`` with that. Words go in, tags come out, and the layers are never looked at.
"""

import re
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import keras
import numpy as np

from course_utils import datasets, diagnosis
from course_utils.evidence import interval
from course_utils.exercises.checking import essence, short
from course_utils.stress import UNSTRESSED, scores
from course_utils.submission import CHOOSING, JUDGED, Missing, Submission, validation

FAMILY = 5
"""Words with the same first letters, so many, are one family; a family is in one split alone."""
UNSEEN_SYMBOL = "QQ"
WITH_UNSEEN = 200
"""In so many of the judging words one unknown sound should move the tag of a neighbour."""
KNOWN_TOO_WELL = 0.06
"""So much better than counting may the words for choosing be known, in shares of words: by chance
the difference of 600 and 1,000 words spreads by about 0.025."""
ACCURACIES = {"accuracy", "acc", "sparse_categorical_accuracy", "categorical_accuracy"}
"""Names that Keras gives to the share of right answers; others are the learner's own metrics."""
LEAST_EPOCHS = 4
"""Of fewer the last quarter is most of the run, so that it seems to fall still."""
RISEN = 1.05
"""A last validation loss up to so many times the lowest is as good as the lowest."""


def every_sound(submissions: list[Submission]) -> str:
    """Is there a tag for each sound, and one that a sound can have?"""
    guessed = submissions[0].judged
    return f"{sum(map(len, guessed))} sounds of {len(guessed)} words have a tag from 1 to 4."


def in_any_company(submissions: list[Submission]) -> str:
    """Does a word get the tags alone that it gets beside a long one?"""
    submission, words = submissions[0], validation().phonemes[JUDGED]
    longest = max(words, key=len)
    some = sorted(words, key=len)[:: len(words) // 14][:14]  # of all lengths
    beside = submission.tags([*some, longest])
    changed = [
        " ".join(word)
        for word, company in zip(some, beside, strict=False)
        if not np.array_equal(submission.tags([word])[0], company)
    ]
    if changed:
        raise Missing(
            f"{len(changed)} of {len(some)} words get other tags beside a word of {len(longest)} "
            f"sounds than alone, such as the word with the sounds {changed[0]}. Either the model "
            "reads their padding (no mask, or one that is lost on the way), or tag() takes other "
            "steps than those of the word."
        )
    return f"{len(some)} words have the same tags alone and beside a word of {len(longest)} sounds."


def honest_metric(submissions: list[Submission]) -> str:
    """Is what ``evaluate`` reports a share of real sounds?"""
    submission = submissions[0]
    stress = validation().stress[JUDGED]
    real = scores(stress, submission.judged)
    inside = np.mean([(a == b).mean() for a, b in zip(stress, submission.judged, strict=True)])
    told = {name: float(np.squeeze(value)) for name, value in submission.reported.items()
            if name.removeprefix("weighted_") in ACCURACIES}  # fmt: skip
    if not told:
        return "Keras reports no accuracy of this model, so none can mislead; you count yourself."
    for name, value in told.items():
        if min(abs(value - real[share]) for share in ("sounds", "vowels", "words")) < 0.003:
            continue
        if abs(value - inside) < 0.001:  # of batches without padding Keras averages over words
            continue
        reason = (
            "it counts the padding, which is easy"
            if value > real["sounds"]
            else "it counts padding that was never learnt, or examples() returns sample weights "
            "other than 0 and 1"
        )
        raise Missing(
            f"evaluate says {name} {value:.3f}; counted by hand, {real['sounds']:.3f} of the real "
            f"sounds are right and {real['vowels']:.3f} of the vowels. Perhaps {reason}."
        )
    return f"evaluate and counting by hand agree: {short(next(iter(told.values())))}."


def better_than_counting(submissions: list[Submission]) -> str:
    """Are more vowels right than by counting, beyond the spread of words or of seeds?"""
    words = validation()
    phonemes, stress = words.phonemes[JUDGED], words.stress[JUDGED]
    counted = submissions[0].baseline(phonemes)
    base = scores(stress, counted)["vowels"]
    own = [scores(stress, one.judged)["vowels"] for one in submissions]
    if len(own) > 2:
        _, low, high = interval(np.array(own) - base)
        spread = f"a change of {low:+.3f} to {high:+.3f} (95 %, over {len(own)} runs)"
    else:
        vowels = [tags >= UNSTRESSED for tags in stress]
        gains = np.array([
            int(((a == t) & v).sum()) - int(((b == t) & v).sum())
            for a, b, t, v in zip(submissions[0].judged, counted, stress, vowels, strict=True)
        ])  # fmt: skip
        total = sum(map(np.sum, vowels))
        half = 1.96 * gains.std(ddof=1) * np.sqrt(len(gains)) / total
        low, high = own[0] - base - half, own[0] - base + half
        spread = f"a change of {low:+.3f} to {high:+.3f} (95 %, one run, words drawn anew)"
        if len(own) == 2:
            spread += "; two runs are too few for a spread of their own, so add a seed"
    shown = own if len(own) > 2 else own[:1]
    said = f"{np.mean(shown):.3f} of the vowels are right, by counting {base:.3f}: {spread}."
    if low <= 0:
        raise Missing(
            f"{said} That is no gain over a table that anybody can count. If the rows above are "
            "met, often: it reads forwards only (lesson 07), it was stopped too early (13), or ids "
            "and tags are not in one order."
        )
    return said


def rare_tag(submissions: list[Submission]) -> str:
    """Is secondary stress found more often than by counting, and not by calling everything so?"""
    words = validation()
    own = scores(words.stress[JUDGED], submissions[0].judged)
    base = scores(words.stress[JUDGED], submissions[0].baseline(words.phonemes[JUDGED]))
    said = (
        f"Of the secondary stresses {own['recall']:.2f} are found, and {own['precision']:.2f} of "
        f"those called so are right; by counting {base['recall']:.2f} and {base['precision']:.2f}."
    )
    if own["recall"] == 0:
        raise Missing(
            "Not one secondary stress is found: the rare tag is never said rightly. Often: too few "
            "epochs, or nothing makes the rare tag count for more (lesson 05)."
        )
    if own["recall"] <= base["recall"]:
        raise Missing(
            f"{said} It is found no more often than by counting. Often: it reads forwards only "
            "(lesson 07), or no weights speak for the rare tag (05)."
        )
    if own["f1"] <= base["f1"]:
        raise Missing(
            f"{said} What is found more is paid for by too many false alarms: precision and recall "
            f"together (F1) are {own['f1']:.2f}, by counting {base['f1']:.2f}. Often: padding that "
            "is read (lesson 03), or weights that are too strong (05)."
        )
    return said


def no_leak(submissions: list[Submission]) -> str:
    """Are families kept apart, and are the words for choosing not known too well?"""
    words, submission = datasets.load_pronunciations(), submissions[0]
    for name, split in (("test", words.test), ("validation", words.validation)):
        held_out = {word[:FAMILY] for word in split.words}
        shared = [w for one in submissions for w in one.trained_on if str(w)[:FAMILY] in held_out]
        if shared:
            raise Missing(
                f"{len(shared)} of the words trained on are of families of the {name} split, such "
                f"as {shared[0]!r}."
            )
    split, gaps = words.validation, []
    for tagged in (submission.tags, submission.baseline):
        parts = [scores(split.stress[part], tagged(split.phonemes[part]))["words"]
                 for part in (CHOOSING, JUDGED)]  # fmt: skip
        gaps.append(parts[0] - parts[1])
    if gaps[0] - gaps[1] > KNOWN_TOO_WELL:
        raise Missing(
            f"Of the words handed out for choosing, {gaps[0]:+.3f} more are right than of those "
            f"that judge, with counting {gaps[1]:+.3f}: the model seems to know them. Were they "
            "trained on?"
        )
    return (
        f"None of the {len(submission.trained_on)} words trained on begins with the same {FAMILY} "
        f"letters as a word of the other splits; {_sound_alike(submission.trained_on)} of those "
        f"words sound exactly like one of them. Of the words for choosing {gaps[0]:+.3f} more are "
        f"right than of the others, with counting {gaps[1]:+.3f}."
    )


def _sound_alike(trained_on: Sequence[str]) -> int:
    """How many validation and test words have the sounds of a word trained on: the data's own."""
    words, known = datasets.load_pronunciations(), set(trained_on)
    heard = {
        tuple(sounds)
        for word, sounds in zip(words.train.words, words.train.phonemes, strict=True)
        if word in known
    }
    held_out = [*words.validation.phonemes, *words.test.phonemes]
    return sum(tuple(sounds) in heard for sounds in held_out)


def keeps_when_saved(submissions: list[Submission]) -> str:
    """Does the model tag alike after saving and loading?"""
    submission, some = submissions[0], validation().phonemes[JUDGED][:30]
    before = submission.tags(some)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "tagger.keras")
        submission.model.save(path)
        try:
            loaded = keras.models.load_model(path, compile=False)  # tags need no loss
        except Exception as error:
            raise Missing(
                f"It was saved and cannot be loaded: {type(error).__name__}: {essence(error)} What "
                "is your own in it, a layer or a function, has to be registered before it is saved."
                " For a Lambda that is no help: take a layer of your own instead, or keras.ops."
            ) from error
    after = submission.tags(some, loaded)
    changed = sum(not np.array_equal(a, b) for a, b in zip(before, after, strict=True))
    if changed:
        raise Missing(f"Saved and loaded, it gives {changed} of {len(some)} words other tags.")
    loaded.set_weights([np.zeros_like(weight) for weight in loaded.get_weights()])
    if all(map(np.array_equal, before, submission.tags(some, loaded))):
        raise Missing(
            "A copy with all weights 0 gets the same tags: tag() uses another model than the one "
            "it is given."
        )
    return f"{len(some)} words have the same tags after saving and loading."


def right_epoch(submissions: list[Submission]) -> str:
    """Had it stopped learning, and are the weights those of the best epoch?"""
    loss, val_loss = submissions[0].epochs()
    if len(val_loss) < LEAST_EPOCHS:
        raise Missing(f"{len(val_loss)} epochs are too few to see whether it was still learning.")
    signs = diagnosis.signs(loss, val_loss, max(loss[0], val_loss[0]))
    if diagnosis.verdict_of(signs) == "not converged":
        raise Missing(
            f"The last quarter of the {len(val_loss)} epochs brought {signs.fall:.0%} of the whole "
            "fall of the validation loss: it was still learning."
        )
    best, last, now = min(val_loss), val_loss[-1], submissions[0].loss_of_choosing
    if last > RISEN * best and abs(now - last) < abs(now - best):
        raise Missing(
            f"The validation loss was lowest in epoch {signs.best_epoch} of {len(val_loss)}, at "
            f"{best:.3f}, and ended at {last:.3f}; with the words for choosing the model handed in "
            f"has {now:.3f}, so it is the last one and not the best."
        )
    return (
        f"Lowest validation loss in epoch {signs.best_epoch} of {len(val_loss)}, and no more fall."
    )


def unforeseen(submissions: list[Submission]) -> str:
    """Are a word longer than any and an unknown sound tagged, or refused with what is wrong?"""
    submission, words = submissions[0], validation().phonemes[JUDGED]
    first, second = sorted(words, key=len)[-2:]
    sounds = len(first) + len(second)
    strange = [*words[0][:2], UNSEEN_SYMBOL, *words[0][2:]]

    def too_long(error) -> bool:  # Keras would speak of shapes
        named = re.search(rf"\b{sounds}\b|\blong", str(error))
        return isinstance(error, ValueError) and "shape" not in str(error) and bool(named)

    long = _tagged_or_refused(
        submission, [*first, *second], f"A word of {sounds} sounds",
        too_long, "that the word is too long")  # fmt: skip
    unknown = _tagged_or_refused(
        submission, strange, f"The unknown sound {UNSEEN_SYMBOL}",
        lambda error: UNSEEN_SYMBOL in str(error), "which sound is unknown")  # fmt: skip
    if unknown == "tagged":
        _check_that_it_is_read(submission)
    return f"A word of {sounds} sounds is {long}; one with an unknown sound is {unknown}."


def _check_that_it_is_read(submission: Submission) -> None:
    """An unknown sound with the id of the padding is masked: its neighbours do not notice it."""
    words = validation().phonemes[JUDGED][:WITH_UNSEEN]
    with_unseen = submission.tags([[*word[:2], UNSEEN_SYMBOL, *word[2:]] for word in words])
    for own, other in zip(submission.judged, with_unseen, strict=False):
        place = min(2, len(own))
        if not np.array_equal(own, np.delete(other, place)):
            return
    raise Missing(
        f"The unknown sound {UNSEEN_SYMBOL} was put into {len(words)} words, and no other tag "
        "moved: it is passed over as padding is. Has it the id of the padding? Give it one of its "
        "own, or refuse it by name."
    )


def _tagged_or_refused(submission, word, title: str, is_named: Callable, what: str) -> str:
    try:
        submission.tags([word])
    except Missing:
        raise
    except Exception as error:
        if not is_named(error):
            raise Missing(
                f"{title} raised {type(error).__name__}: {essence(error)} That does not say {what}."
            ) from error
        return "refused by name"
    return "tagged"


CRITERIA: dict[str, tuple[Callable[[list[Submission]], str], str, str]] = {
    "an answer for every sound": (
        every_sound, "Whoever uses it has sounds, and wants a tag for each.", "07"),
    "the same in any company": (
        in_any_company, "The padding depends on the batch; an answer must not.", "03"),
    "a metric that tells the truth": (
        honest_metric, "You choose by this number; padding makes all models look alike.", "05"),
    "better than counting": (
        better_than_counting, "A network that loses to this table is not worth its trouble.",
        "07, 12"),
    "the rare tag is found": (
        rare_tag, "One sound in twenty: whoever never says it still has a fine accuracy.",
        "05, 07"),
    "nothing leaked": (
        no_leak,
        "Relatives agree in stress more often; with them on both sides you may test memory.",
        "13"),
    "the same when loaded": (
        keeps_when_saved, "Later there is only the file; what it does not hold is lost.", "14"),
    "stopped at the right epoch": (
        right_epoch, "Too early leaves something to learn; too late has learnt by heart.", "13"),
    "ready for the unforeseen": (
        unforeseen, "Outside the data set words are longer, and some symbols are new.", "02"),
}  # fmt: skip
"""Name of the criterion: the experiment, why it matters, and the lesson that treats it."""
