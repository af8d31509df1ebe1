"""The first three checks of lesson 08: the teacher's rows, no teacher, a mask beside a state."""

from collections.abc import Iterator

import keras
import numpy as np

from course_utils.exercises.checking import (
    Wrong,
    call,
    close,
    described,
    diagnose,
    function,
    laid_out,
    not_none,
    numbers,
    register,
    short,
)

START, END = 1, 2
PATIENCE = 4  # calls of the decoder for each sign, before a loop counts as endless


@register(
    "teacher_rows",
    hints=(
        "Write both rows for the word with the ids 7, 5: what does the decoder know before it says "
        "7, and what is to follow after 5?",
        "Each row is one longer than the word: one begins with something, the other ends with it.",
        "In a list, `[*a, b]` puts b behind the items of a.",
    ),
    praise="One row is the other, shifted by a step: there is no more to teacher forcing.",
)
def check_teacher_rows(answer) -> None:
    teacher_rows = function(answer, "teacher_rows(spoken)")
    for spoken in ([[7, 5], [9]], [[4, 8, 3, 8], [6, 5, 4]], [[11, 12, 13]]):
        shown = f"spoken={short(spoken)}"
        result = call(teacher_rows, spoken, shown=shown)
        not_none(result, shown)
        wanted = "two arrays: what the decoder reads, and what it is to say"
        pair = isinstance(result, tuple | list) or getattr(result, "ndim", 0) == 3
        if not pair or len(result) != 2:
            raise Wrong(
                f"With {shown} your function returned {described(result)}; expected {wanted}."
            )
        reads, says = (numbers(part, shown, wanted) for part in result)
        right = laid_out([[START, *ids] for ids in spoken]), laid_out([[*i, END] for i in spoken])
        if close(reads, right[1]) and close(says, right[0]):
            raise Wrong(
                f"With {shown} the two arrays changed places: the first is to be what the decoder "
                "reads."
            )
        _compare(reads, right[0], _reading_beliefs(spoken), f"With {shown} the decoder reads")
        _compare(says, right[1], _saying_beliefs(spoken), f"With {shown} the decoder is to say")


def _compare(result: np.ndarray, right: np.ndarray, beliefs, found: str) -> None:
    if close(result, right):
        return
    found += f" {short(result)}."
    for wrong, diagnosis in beliefs:
        if close(result, wrong):
            raise Wrong(f"{found} {diagnosis}")
    if result.shape != right.shape:
        raise Wrong(f"{found} That has shape {result.shape}; expected {right.shape}.")
    row = int(np.argmax((result != right).any(axis=1)))
    raise Wrong(f"{found} Row {row} is {short(result[row])}; compare it with the word there.")


def _reading_beliefs(spoken) -> Iterator[tuple[object, str]]:
    yield laid_out(spoken), "So it sees the very phoneme that it is to say at that step."
    yield (
        laid_out([[*ids, END] for ids in spoken]),
        "It begins with the answer to its own first step, and reads the end, after which there is "
        "nothing to say.",
    )
    yield (
        laid_out([[START, *ids, END] for ids in spoken]),
        "It need not read the end: after that there is nothing to say. The row is one too long.",
    )
    yield (
        laid_out([[START, *ids[:-1]] for ids in spoken]),
        "The last phoneme is missing; having read it, the decoder is to say the end.",
    )
    yield (
        laid_out([[START, *ids] for ids in spoken], side="before"),
        "The padding stands in front; here the data comes first.",
    )
    yield (
        laid_out([[END, *ids] for ids in spoken]),
        "It begins with 2, the sign for the end; a word begins with 1.",
    )


def _saying_beliefs(spoken) -> Iterator[tuple[object, str]]:
    longest = max(map(len, spoken))
    yield laid_out(spoken), "The end is missing, so the decoder never learns when to stop."
    yield laid_out(spoken, longest + 1), "There is room for the end, but no word has one."
    yield (
        laid_out([[START, *ids] for ids in spoken]),
        "It is to repeat what it reads, and that is all it would learn: both arrays are the same.",
    )
    yield (
        laid_out([[START, *ids, END] for ids in spoken]),
        "Nobody has to say the start: it is given. The row is one too long.",
    )
    at_the_edge = laid_out(spoken, longest + 1)
    at_the_edge[:, -1] = END
    yield (
        at_the_edge,
        "The end stands in the last column of every row, after the padding; a short word ends "
        "earlier.",
    )
    yield (
        laid_out([[*ids, END] for ids in spoken], side="before"),
        "What it is to say has its padding in front, so the steps no longer fit those of what it "
        "reads.",
    )


@register(
    "greedy",
    hints=(
        "One turn of the loop says one sign. Which two things does the next turn need from this "
        "one?",
        "`step` gives both: the chances, in which you look for the place of the largest, and the "
        "state for the next turn.",
        "There are two reasons to stop: the sign for the end, which is not part of the answer, and "
        "`most`.",
    ),
    praise="The state carries the word, and the last sign says how far you are: the loop needs "
    "nothing else.",
)
def check_greedy(answer) -> None:
    greedy = function(answer, "greedy(step, state, most)")
    for seed, most in ((109, 9), (3, 5), (122, 12), (22, 6), (118, 12)):
        step, state = _machine(seed), [np.array([[seed % 11]]), np.array([[seed % 7]])]
        right = _loop(step, state, most)
        shown = f"a decoder whose signs are {short([*right, *_stop(right, most)])} and most={most}"
        result = call(greedy, _patient(step, most), state, most, shown=shown)
        result = numbers(result, shown, "a list of ids")
        if result.ndim == 2 and 1 in result.shape:
            raise Wrong(
                f"With {shown} your function returned {short(result)}, of shape {result.shape}; "
                "expected a flat list of ids."
            )
        diagnose(result, np.array(right), _loop_beliefs(step, state, most), shown)


def _stop(said: list[int], most: int) -> list[int]:
    return [END] if len(said) < most else []


def _patient(step, most: int):
    """``step``, until it has been asked far more often than ``most`` signs can need."""
    asked = 0

    def counting(sign, state):
        nonlocal asked
        asked += 1
        if asked > PATIENCE * most:
            raise Wrong(
                f"With most={most} your loop asked the decoder {asked} times: it ignores most, and "
                "waits for an end that this decoder never says."
            )
        return step(sign, state)

    return counting


def _machine(seed: int):
    """A decoder of one step: ``step(sign, state) -> (chances (8,), new state)``, h and c matter."""
    table = np.random.default_rng(seed).dirichlet(np.full(8, 0.5), size=11)
    table[:, :2] = table[:, :2] / 50  # it says neither padding nor start

    def step(sign, state):
        sign, (h, c) = int(np.asarray(sign).reshape(())), state
        new_h, new_c = (7 * h + 3 * sign + c + 1) % 11, (c + sign + 2) % 7
        chances = table[int(new_h[0, 0])]
        return chances / chances.sum(), [new_h, new_c]

    return step


def _loop(
    step,
    state,
    most,
    carry=True,
    feed=True,
    first=START,
    stops=True,
    keep_end=False,
    pick=np.argmax,
) -> list[int]:
    """What greedy decoding says, or decoding with one thing done wrong."""
    sign, said = first, []
    while len(said) < most:
        chances, new_state = step(sign, state)
        best = int(pick(chances))
        if best == END and stops:
            return [*said, END] if keep_end else said
        said.append(best)
        state, sign = (new_state if carry else state), (best if feed else sign)
    return said


def _loop_beliefs(step, state, most: int) -> Iterator[tuple[object, str]]:
    def loop(**wrong) -> np.ndarray:
        return np.array(_loop(step, state, most, **wrong))

    yield loop(keep_end=True), "The end is a sign to stop; it is no part of the answer."
    yield loop(stops=False), "It goes on after the end has come, up to most."
    yield np.array([START, *loop()]), "The start is given to the decoder; it is not said."
    yield (
        np.array([START, *loop(keep_end=True)]),
        "Start and end are in the answer; neither is a phoneme.",
    )
    yield (
        loop(carry=False, feed=False),
        "Each turn did the same: neither the sign nor the new state came back in.",
    )
    yield (
        loop(carry=False),
        "The sign comes back in, but every turn begins from the first state: the new one was not "
        "used.",
    )
    yield (
        loop(feed=False),
        "The new state is used, but the decoder reads the start at every turn instead of what was "
        "said.",
    )
    yield loop(first=END), "The decoder was begun with 2, the sign for the end."
    yield loop(first=0), "The decoder was begun with 0, the padding."
    yield loop(pick=np.argmin), "The least likely sign was taken each time."
    if _loop(step, state, PATIENCE * most)[most:]:
        yield (
            np.array(_loop(step, state, PATIENCE * most)),
            "It goes on until the decoder says the end, however long that takes: most is ignored.",
        )
    yield np.array(_loop(step, state, most + 1)), "It says one sign more than most allows."
    yield np.array(_loop(step, state, most - 1)), "It stops one sign before most is reached."
    yield np.array(_loop(step, state, 1)), "It says one sign and stops: is the return in the loop?"


@register(
    "read_on",
    hints=(
        "Two things go into the call beside x: where to begin, and which steps are real. A layer "
        "that gets the first of them no longer looks for the second.",
        "A real step is one in which any number is not 0. `Masking().compute_mask(x)` finds the "
        "same: True for real steps, shape (N, T).",
        "`mask=` is an argument of the call, like `initial_state=`.",
    ),
    praise="The mask was handed on by hand, so the state is the one after the last real step.",
)
def check_read_on(answer) -> None:
    read_on = function(answer, "read_on(layer, x, state)")
    for units, lengths in ((3, (4, 2, 1)), (5, (1, 3))):
        generator = np.random.default_rng(units)
        layer = keras.layers.LSTM(units, return_state=True)
        layer.build((None, None, 2))
        layer.set_weights([generator.normal(0, 0.8, w.shape) for w in layer.get_weights()])
        x = laid_out([generator.normal(size=(n, 2)) for n in lengths]).astype("float32")
        state = [generator.normal(size=(len(x), units)).astype("float32") for _ in range(2)]
        shown = f"sequences of the lengths {short(lengths)}, padded to {x.shape[1]} steps,"
        result = call(read_on, layer, x, state, shown=shown)
        not_none(result, shown)
        if isinstance(result, tuple | list) and len(result) == 3:
            raise Wrong(
                f"With {shown} your function returned three tensors; expected two, h and c. Which "
                "of the three is no state?"
            )
        result = numbers(result, shown, "the two tensors h and c")
        if result.shape != (2, len(x), units):
            raise Wrong(
                f"With {shown} your function returned something of shape {result.shape}; expected "
                f"h and c, each of shape ({len(x)}, {units})."
            )
        _compare_states(result, layer, x, state, shown)


def _compare_states(result: np.ndarray, layer, x: np.ndarray, state: list, shown: str) -> None:
    real = (x != 0).any(axis=-1)
    right = _last_states(layer, x, state, real)
    if close(result, right, 1e-4):
        return
    for wrong, diagnosis in _state_beliefs(layer, x, state, real, right):
        if close(result, wrong, 1e-4):
            raise Wrong(f"With {shown} the states are not those after the real steps. {diagnosis}")
    raise Wrong(
        f"With {shown} h of the first sequence came back as {short(result[0, 0])}; expected "
        f"{short(right[0, 0])}. What does the layer get beside x?"
    )


def _last_states(layer, x, state, real=None) -> np.ndarray:
    return np.stack([np.asarray(part) for part in layer(x, initial_state=state, mask=real)[1:]])


def _state_beliefs(layer, x, state, real, right) -> Iterator[tuple[object, str]]:
    zeros = [np.zeros_like(part) for part in state]
    h, c = state
    yield (
        _last_states(layer, x, state),
        "The layer has read the padding too: with initial_state, Keras no longer looks for the "
        "mask of x.",
    )
    yield (
        _last_states(layer, x, zeros, real),
        "The padding was left out, and the layer began from zeros: state was not used.",
    )
    yield _last_states(layer, x, zeros), "The layer began from zeros and read the padding too."
    yield _last_states(layer, x, [c, h], real), "The layer began with h and c in swapped places."
    yield _last_states(layer, x, [h, h], real), "The layer began with h in both places."
    yield (
        _last_states(layer, x, state, ~real),
        "The padding alone was read: in a mask, True marks the steps that are real.",
    )
    yield right[::-1], "They came back in the order c, h; expected h, c."
    yield right[[0, 0]], "Twice h came back: the output of an LSTM is its h, and c is lacking."
    yield np.stack(state), "The state came back as it was given: the layer has read nothing."
