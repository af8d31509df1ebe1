"""A hand-in of the capstone, and what several criteria of its rubric ask of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import keras
import numpy as np

from course_utils import datasets
from course_utils.exercises.checking import described, short
from course_utils.stress import Tags, Words, counting

TRAINING = slice(0, 2400)
"""The training words that the lesson hands out, the least that counting knows."""
CHOOSING, JUDGED = slice(0, 600), slice(600, 1600)
"""The validation words that the lesson hands out for choosing, and those that judge."""


class Missing(Exception):
    """A criterion is not met; the text says what was found."""


@dataclass(frozen=True, eq=False)
class Submission:
    """One hand-in, and what several criteria ask of it; each is computed once."""

    model: keras.Model
    tag: Callable
    examples: Callable
    history: object
    trained_on: Sequence[str]

    def tags(self, phonemes: Words, model=None) -> Tags:
        """The tags of these words; raises ``Missing`` unless each sound has one."""
        given = [list(word) for word in phonemes]
        answer = self.tag(self.model if model is None else model, given)
        return _one_tag_a_sound(answer, phonemes)

    @cached_property
    def judged(self) -> Tags:
        """The tags of the judging words."""
        return self.tags(validation().phonemes[JUDGED])

    @cached_property
    def reported(self) -> dict[str, float]:
        """What ``evaluate`` says of the judging words."""
        return self._evaluated(JUDGED)

    @cached_property
    def loss_of_choosing(self) -> float:
        """The loss of the words handed out for choosing, of which ``val_loss`` should be."""
        return self._evaluated(CHOOSING)["loss"]

    def _evaluated(self, part: slice) -> dict[str, float]:
        words = validation()
        given = self.examples(
            [list(word) for word in words.phonemes[part]],
            [np.array(tags) for tags in words.stress[part]],
        )
        if isinstance(given, tuple | list):
            x, y, *weights = given
            weights = weights[0] if weights else None
            given = {"x": x, "y": y, "sample_weight": weights, "batch_size": 250}
        else:
            given = {"x": given}
        return self.model.evaluate(**given, verbose=0, return_dict=True)

    @cached_property
    def baseline(self) -> Callable[[Words], Tags]:
        """Counting on the words handed out, and on what else the network was trained on."""
        train = datasets.load_pronunciations().train
        known = {*train.words[TRAINING], *self.trained_on}
        kept = [i for i, word in enumerate(train.words) if word in known]
        return counting([train.phonemes[i] for i in kept], [train.stress[i] for i in kept])

    def epochs(self) -> tuple[list[float], list[float]]:
        """Training and validation loss, epoch by epoch."""
        history = getattr(self.history, "history", self.history)
        if not isinstance(history, dict) or not len(history.get("val_loss", [])):
            raise Missing(
                "The history has no val_loss: nobody watched other words than those trained on."
            )
        return list(history["loss"]), list(history["val_loss"])


def validation() -> datasets.PronunciationSplit:
    """The validation words, of which some are for choosing and others judge."""
    return datasets.load_pronunciations().validation


def _one_tag_a_sound(answer, phonemes: Words) -> Tags:
    if not isinstance(answer, list | tuple | np.ndarray) or len(answer) != len(phonemes):
        found = f"{len(answer)} answers" if hasattr(answer, "__len__") else described(answer)
        raise Missing(f"Given {len(phonemes)} words, tag() returned {found}.")
    tags = []
    for word, own in zip(phonemes, answer, strict=True):
        own = np.asarray(own)
        if own.ndim == 0:
            raise Missing(f"{' '.join(word)} got one answer, {short(own)}, for all its sounds.")
        if own.shape != (len(word),):
            raise Missing(
                f"{' '.join(word)} has {len(word)} sounds and got an answer of shape {own.shape}."
            )
        if not np.isin(own, (1, 2, 3, 4)).all():
            wrong = short(own[~np.isin(own, (1, 2, 3, 4))][0])
            hint = " 0 is the padding, and no sound is that." if wrong in ("0", "0.0") else ""
            raise Missing(f"{' '.join(word)} got the tag {wrong}; the tags are 1 to 4.{hint}")
        tags.append(own.astype(int))
    return tags
