"""Answers to the exercises of lesson 08."""

import keras
import numpy as np

from exercise_attempts import Attempts

layers = keras.layers
pad = keras.utils.pad_sequences


def rows(reads, says, **how):
    """An answer that pads what two functions make of the ids of a word."""
    how = {"padding": "post", **how}
    return lambda spoken: (
        pad([reads(ids) for ids in spoken], **how),
        pad([says(ids) for ids in spoken], **how),
    )


def after_start(ids):
    return [1, *ids]


def before_end(ids):
    return [*ids, 2]


def rows_by_hand(spoken):
    width = max(map(len, spoken)) + 1
    reads = np.zeros((len(spoken), width), int)
    says = np.zeros_like(reads)
    for row, ids in enumerate(spoken):
        reads[row, 0], reads[row, 1 : len(ids) + 1] = 1, ids
        says[row, : len(ids)], says[row, len(ids)] = ids, 2
    return reads, says


def end_at_the_edge(spoken):
    reads, says = rows_by_hand(spoken)
    says[says == 2] = 0
    says[:, -1] = 2
    return reads, says


def loop(carry=True, feed=True, keep_end=False, stops=True, extra=0, first=1, pick=np.argmax):
    """Greedy decoding, or something near it."""

    def greedy(step, state, most):
        sign, said = first, []
        while len(said) < most + extra:
            chances, new = step(sign, state)
            best = int(pick(chances))
            if best == 2 and stops:
                return [*said, 2] if keep_end else said
            said.append(best)
            state, sign = new if carry else state, best if feed else sign
        return said

    return greedy


def with_for(step, state, most):
    said = [1]
    for _ in range(most):
        chances, state = step(said[-1], state)
        said.append(chances.argmax())
        if said[-1] == 2:
            break
    return np.array([sign for sign in said[1:] if sign != 2])


def recursive(step, state, most, sign=1):
    if not most:
        return []
    chances, state = step(sign, state)
    best = int(np.argmax(chances))
    return [] if best == 2 else [best, *recursive(step, state, most - 1, best)]


def returns_at_once(step, state, most):
    chances, state = step(1, state)
    return [int(np.argmax(chances))]


def until_the_end(step, state, most):
    sign, said = 1, []
    while True:
        chances, state = step(sign, state)
        sign = int(np.argmax(chances))
        if sign == 2:
            return said
        said.append(sign)


def asks_twice(step, state, most):
    said = []
    while len(said) < most:
        best = int(np.argmax(step([1, *said][-1], state)[0]))
        state = step([1, *said][-1], state)[1]
        if best == 2:
            break
        said.append(best)
    return said


def start_kept(step, state, most):
    return [1, *loop()(step, state, most)]


def as_column(step, state, most):
    return np.array(loop()(step, state, most)).reshape(-1, 1)


def read_on(start=lambda h, c: [h, c], mask=lambda real: real, give=lambda output, h, c: [h, c]):
    """States after the real steps, or something near them."""

    def answer(layer, x, state):
        real = np.asarray((x != 0).any(axis=-1))
        return give(*layer(x, initial_state=start(*state), mask=mask(real)))

    return answer


def masked_by_layer(layer, x, state):
    _, *states = layer(x, initial_state=state, mask=layers.Masking().compute_mask(x))
    return states


def row_by_row(layer, x, state):
    found = [
        layer(row[None, : int((row != 0).any(axis=-1).sum())], initial_state=[h[None], c[None]])
        for row, h, c in zip(x, *state, strict=True)
    ]
    return [np.concatenate([states[i] for states in found]) for i in (1, 2)]


def lost_mask(layer, x, state):
    return layer(layers.Masking()(x), initial_state=state)[1:]


ATTEMPTS = {
    "teacher_rows": Attempts(
        right={
            "padded": rows(after_start, before_end),
            "by hand": rows_by_hand,
            "lists": lambda spoken: [part.tolist() for part in rows_by_hand(spoken)],
            "tensors": lambda spoken: [keras.ops.array(part) for part in rows_by_hand(spoken)],
        },
        wrong={
            "not shifted": (rows(list, before_end), "sees the very phoneme that it is to say"),
            "both the same": (rows(before_end, before_end), "begins with the answer to its own"),
            "start and end": (
                rows(lambda ids: [1, *ids, 2], before_end),
                "need not read the end",
            ),
            "last phoneme cut": (rows(lambda i: [1, *i[:-1]], before_end), "The last phoneme is"),
            "padding in front": (rows(after_start, before_end, padding="pre"), "stands in front;"),
            "begins with the end": (rows(lambda i: [2, *i], before_end), "It begins with 2"),
            "no end": (rows(after_start, list), "never learns when to stop"),
            "repeats": (rows(after_start, after_start), "to repeat what it reads"),
            "start is said": (
                rows(after_start, lambda ids: [1, *ids, 2]),
                "Nobody has to say the start",
            ),
            "end at the edge": (end_at_the_edge, "after the padding; a short word ends"),
            "answers padded in front": (
                lambda spoken: (
                    rows_by_hand(spoken)[0],
                    pad([before_end(ids) for ids in spoken], padding="pre"),
                ),
                "the steps no longer fit",
            ),
            "changed places": (lambda s: rows_by_hand(s)[::-1], "two arrays changed places"),
            "one array": (
                lambda s: rows_by_hand(s)[0],
                "the array [[1, 7, 5], [1, 9, 0]]; expected",
            ),
            "ragged": (lambda s: ([after_start(i) for i in s], s), "rows of the lengths 3, 2"),
        },
        secrets=("*ids", "pad_sequences"),
    ),
    "greedy": Attempts(
        right={
            "while": loop(),
            "for": with_for,
            "recursive": recursive,
            "tensor": lambda *given: keras.ops.array(loop()(*given)),
            "asks twice": asks_twice,
        },
        wrong={
            "end is said": (loop(keep_end=True), "The end is a sign to stop"),
            "goes on": (loop(stops=False), "goes on after the end"),
            "start is said": (start_kept, "The start is given"),
            "nothing comes back": (loop(carry=False, feed=False), "Each turn did the same"),
            "old state": (loop(carry=False), "every turn begins from the first state"),
            "start every time": (loop(feed=False), "reads the start at every turn"),
            "begins with the end": (loop(first=2), "begun with 2"),
            "begins with padding": (loop(first=0), "begun with 0"),
            "least likely": (loop(pick=np.argmin), "The least likely sign"),
            "one too many": (loop(extra=1), "one sign more than most"),
            "one too few": (loop(extra=-1), "one sign before most"),
            "one sign": (returns_at_once, "is the return in the loop?"),
            "ignores most": (until_the_end, "an end that this decoder never says"),
            "column": (as_column, "expected a flat list of ids"),
        },
        secrets=("argmax", "while", "append", "break"),
    ),
    "read_on": Attempts(
        right={
            "by hand": read_on(),
            "Masking": masked_by_layer,
            "row by row": row_by_row,
            "tuple": read_on(give=lambda output, h, c: (h, c)),
        },
        wrong={
            "mask lost": (lost_mask, "no longer looks for the mask"),
            "state not used": (read_on(lambda h, c: None), "state was not used"),
            "neither": (read_on(lambda h, c: None, lambda real: None), "zeros and read"),
            "swapped": (read_on(lambda h, c: [c, h]), "h and c in swapped places"),
            "h twice": (read_on(lambda h, c: [h, h]), "with h in both places"),
            "mask inverted": (read_on(mask=lambda real: ~real), "The padding alone was read"),
            "c first": (read_on(give=lambda output, h, c: [c, h]), "in the order c, h"),
            "output for c": (read_on(give=lambda output, h, c: [output, h]), "Twice h came back"),
            "all three": (read_on(give=lambda *all_of_it: all_of_it), "returned three tensors"),
            "output alone": (read_on(give=lambda output, h, c: output), "each of shape"),
            "given back": (lambda layer, x, state: state, "the layer has read nothing"),
        },
        secrets=("mask=real", "any(x", "initial_state=state"),
    ),
}
