"""The check of lesson 07's last exercise: a tagger whose loss does not see the padding.

The model is judged by its probabilities and its loss, with fresh weights and with others; its
layers are looked at only to say why it failed.
"""

import keras
import numpy as np

from course_utils.errors import essence
from course_utils.exercises.built_models import (
    MANY_WORDS,
    N_WORDS,
    built,
    check_highest_id,
    check_lengths,
    check_moved,
    check_separate,
    disturb,
    train_one_step,
    why_padding_matters,
)
from course_utils.exercises.checking import (
    Wrong,
    crashes_explained,
    function,
    register,
    short,
)
from course_utils.inspecting import get_mask

N_TAGS, FEW_TAGS = 5, 3
LENGTHS, WIDTH = (6, 2, 4), 6
TOLERANCE = 1e-3


@register(
    "build_tagger",
    hints=(
        "Four decisions: ids to vectors, vectors to one output for every step, outputs to "
        "probabilities, and a loss for integer tags. Count the ids, 0 included.",
        "The padding has to be marked where the ids are, and the mark has to reach the output: "
        "the loss looks for it there.",
        "`mask_zero`, `return_sequences`, `softmax` and the loss whose name begins with "
        "`sparse_` are all you need; `Dense` works on each step alone.",
    ),
    praise="The mask goes from the ids to the loss, and every step has its answer. The same model "
    "tags parts of speech, names, or sounds.",
)
def check_build_tagger(answer) -> None:
    build = function(answer, "build_tagger(n_words, n_tags)")
    model, large = (
        built(build, *sizes, shown="n_words={} and n_tags={}".format(*sizes))
        for sizes in ((N_WORDS, N_TAGS), (MANY_WORDS, FEW_TAGS))
    )
    check_separate(model, large)
    check_lengths(model, (7, 1, 9))  # none of them N_TAGS
    _check_shape(model, N_TAGS)
    _check_shape(large, FEW_TAGS)
    check_highest_id(model, large)
    _check_predict(model)
    fresh = model.get_weights()
    eager, model.run_eagerly = model.run_eagerly, True  # tracing takes seconds
    try:
        for change in (0.0, 1.0):
            disturb(model, fresh, change, np.random.default_rng(5))
            _check_probabilities(model)
            _check_loss_of_padding(model)
        model.set_weights(fresh)
        _check_training(model)
    finally:
        model.set_weights(fresh)
        model.run_eagerly = eager


def _check_predict(model) -> None:
    """predict answers every step of a second length, too; it runs in a graph, as fit does."""
    for timesteps in (4, 7):
        with crashes_explained(None, f"2 sequences of {timesteps} ids", "predict"):
            shape = np.shape(model.predict_on_batch(np.ones((2, timesteps), int)))
        if shape != (2, timesteps, N_TAGS):
            raise Wrong(
                f"Given 2 sequences of 4 ids and then 2 of 7, predict answered {shape} at the "
                f"length {timesteps}; expected {(2, timesteps, N_TAGS)}. Which wrapper miscounts "
                "the steps when the length changes?"
            )


def _check_shape(model, n_tags: int) -> None:
    """One vector of probabilities for every step."""
    shape = tuple(np.shape(model(np.ones((2, 4), int), training=False)))
    if shape == (2, 4, n_tags):
        return
    says = f"With n_tags={n_tags}, 2 sequences of 4 ids became {shape}; expected (2, 4, {n_tags})."
    if shape == (2, n_tags):
        says += " That is one answer for each sequence: one layer keeps the last step alone."
    elif len(shape) == 3 and shape[2] == n_tags + 1:
        says += " The tags are 0 to n_tags - 1; how many are these?"
    elif len(shape) == 3 and shape[1] == 4:
        says += " Every step has its answer, but the number of tags does not follow n_tags."
    raise Wrong(says)


def _batch(width: int = WIDTH) -> tuple[np.ndarray, np.ndarray]:
    """Ids and tags ``(3, width)`` of sequences of ``LENGTHS``, with the tag 0 at the padding."""
    generator = np.random.default_rng(1)
    ids, tags = np.zeros((2, len(LENGTHS), width), int)
    for row, length in enumerate(LENGTHS):
        ids[row, :length] = generator.permutation(np.arange(1, N_WORDS + 1))[:length]
        tags[row, :length] = generator.integers(1, N_TAGS, length)
    return ids, tags


def _check_probabilities(model) -> None:
    ids = np.random.default_rng(2).permutation(np.arange(1, N_WORDS + 1)).reshape(2, -1)
    with crashes_explained(None, "two sequences of 10 ids", "the model"):
        shares = np.asarray(model(ids, training=False), dtype=float)
    sums = shares.sum(axis=-1)
    if np.allclose(sums, 1, atol=TOLERANCE) and shares.min() > -TOLERANCE:
        if np.ptp(shares, axis=1).max() < 1e-6 and np.ptp(shares) > 1e-6:
            raise Wrong(
                f"Ten different ids got the same answer, {short(shares[0, 0])}, at every step: "
                "something sums the sequence up before the steps are answered."
            )
        return
    says = f"The numbers of a step are {short(shares[0, 0])}, and their sum is {short(sums[0, 0])}."
    if np.allclose(shares.sum(axis=1), 1, atol=TOLERANCE):
        says += " They sum to 1 over the steps instead of the tags: look at the axis."
    elif shares.min() >= 0 and shares.max() <= 1:
        says += (
            " Each is between 0 and 1 by itself; a step has one tag, so together they have to be 1."
        )
    else:
        says += " Those are no probabilities. Which activation turns any numbers into them?"
    raise Wrong(says)


def _check_loss_of_padding(model) -> None:
    """The loss depends on the tags of the real steps, and not on what stands at the padding."""
    ids, tags = _batch()
    loss = _loss(model, ids, tags, "three sequences of 2 to 6 ids and tags from 1 to 4")
    marked = np.where(ids == 0, 3, tags)
    told = _loss(model, ids, marked, "other tags at the padding")
    wider, wider_tags = (np.pad(part, ((0, 0), (0, 5))) for part in (ids, tags))
    longer = _loss(model, wider, wider_tags, "five more columns of padding")
    for changed, what in ((told, "other tags at the padding"), (longer, "five columns of zeros")):
        if abs(changed - loss) > TOLERANCE * max(1, abs(loss)):
            raise Wrong(
                f"The loss of three padded sequences is {short(loss)}, and {short(changed)} with "
                f"{what}. {_why_the_loss_sees_it(model, ids)}"
            )
    # A tag of 0 at a real step is a tag like any other.
    losses = []
    for tag in range(N_TAGS):
        first = tags.copy()
        first[1, 0] = tag
        losses.append(_loss(model, ids, first, f"the tag {tag} at a real step"))
    alone = _loss(model, ids[1:2, :1], tags[1:2, :1] * 0, "one real step with the tag 0")
    if abs(alone) < 1e-6 or not np.isfinite(alone):
        raise Wrong(
            f"A single real step with the tag 0 has the loss {short(alone)}: your loss takes the "
            "tag 0 for padding. What is padding follows from the ids; 0 is a tag of its own."
        )
    if np.ptp(losses) < 1e-6:
        raise Wrong(
            f"Whatever the tag of a real step is, the loss is {short(loss)}: it does not look at "
            "the tags."
        )


def _loss(model, ids: np.ndarray, tags: np.ndarray, shown: str) -> float:
    try:
        return float(model.test_on_batch(ids, tags, return_dict=True)["loss"])
    except Exception as error:
        if "No loss to compute" in str(error):
            raise Wrong(
                "The model is compiled without a loss: nothing says which of two answers is the "
                "better one, so fit() cannot work."
            ) from error
        raise Wrong(
            f"With {shown}, both (N, T), the loss raised {type(error).__name__}: "
            f"{essence(error).rstrip('.')}. The targets are integers: the losses for them have "
            "names that begin with sparse_."
        ) from error


def _why_the_loss_sees_it(model, ids: np.ndarray) -> str:
    mask = get_mask(model(ids, training=False))
    if mask is not None and np.array_equal(mask, ids != 0):
        return (
            "The output carries its mask, and the loss does not use it: it has to return one "
            "number for each step, not one for the batch."
        )
    why = why_padding_matters(model)
    if "where the steps" in why:
        return (
            "The padding is marked at first, but the mark does not reach the output, where the "
            "loss looks for it. Which operation between two layers is no layer?"
        )
    return why


def _check_training(model) -> None:
    """The loss prefers right tags to wrong ones, and one step of training moves the weights."""
    ids, tags = _batch()
    good = np.eye(N_TAGS)[tags] * 0.8 + 0.04
    right, wrong = (
        float(model.compute_loss(None, tags, keras.ops.convert_to_tensor(shares, "float32")))
        for shares in (good, np.roll(good, 1, axis=-1))
    )
    if right >= wrong - 1e-6:
        raise Wrong(
            f"The loss is {short(right)} when every tag is right and {short(wrong)} when all are "
            "wrong, so training does not know where to go."
        )
    shown = "One training step with three sequences and their tags"
    loss, moved = train_one_step(model, ids, tags, shown, "Does the loss fit integer tags (N, T)?")
    check_moved(moved, loss, shown)
