"""Answers to the exercises of lesson 02."""

import keras
import numpy as np
import tensorflow as tf

from exercise_attempts import Attempts

pad = keras.utils.pad_sequences


def padded(seqs, value=0.0, width=None, dtype=float):
    array = np.full((len(seqs), width or max(map(len, seqs))), value, dtype)
    for row, seq in zip(array, seqs, strict=True):
        row[: len(seq)] = seq
    return array


def padded_lists(seqs, value=0.0):
    longest = max(map(len, seqs))
    return [[*seq, *([value] * (longest - len(seq)))] for seq in seqs]


def padded_in_place(seqs, value=0.0):
    longest = max(map(len, seqs))
    for seq in seqs:
        while len(seq) < longest:
            seq.append(value)
    return np.array(seqs)


def overwrites_zeros(seqs, value=0.0):
    array = padded(seqs)
    array[array == 0] = value
    return array


longest_so_far = [0]


def remembers_longest(seqs, value=0.0):
    longest_so_far.append(max(map(len, seqs)))
    return padded(seqs, value, max(longest_so_far))


def ends(seqs, maxlen):
    return padded([seq[-maxlen:] for seq in seqs], 0, maxlen, int)


def share_by_rows(lengths):
    return np.mean([1 - length / max(lengths) for length in lengths])


def share_by_cells(lengths):
    cells = np.arange(max(lengths)) >= np.array(lengths)[:, None]
    return cells.mean()


def share_as_tensor(lengths):
    return keras.ops.mean(1 - keras.ops.array(lengths, "float32") / max(lengths))


def sorts_lengths(lengths):
    lengths.sort()
    return 1 - sum(lengths) / (len(lengths) * lengths[-1])


def predictions(model, ids, extra):
    plain = model.predict_on_batch(np.array([ids]))[0]
    return plain, model.predict_on_batch(np.array([ids + [0] * extra]))[0]


def effect(model, ids, extra):
    plain, other = predictions(model, ids, extra)
    return float(np.max(np.abs(other - plain)))


def effect_by_call(model, ids, extra):
    plain = model(np.array([ids]), training=False)
    other = model(np.pad([ids], ((0, 0), (0, extra))), training=False)
    return keras.ops.max(keras.ops.abs(plain - other))


def effect_on_batch(model, ids, extra):
    words = pad([ids], maxlen=len(ids) + extra, padding="post")
    plain = model.predict_on_batch(words[:, : len(ids)])
    return np.abs(model.predict_on_batch(words) - plain).max()


def effect_in_front(model, ids, extra):
    plain = model.predict_on_batch(np.array([ids]))
    return np.abs(model.predict_on_batch(np.array([[0] * extra + ids])) - plain).max()


def effect_changes_ids(model, ids, extra):
    plain = model.predict_on_batch(np.array([ids]))
    ids += [0] * extra
    return np.abs(model.predict_on_batch(np.array([ids])) - plain).max()


def effect_with_training(model, ids, extra):
    words = np.array([ids])
    model.fit(words, np.zeros((1, model.output_shape[-1])), verbose=0)
    return effect(model, ids, extra)


def of_difference(summary):
    """An answer that sums the difference of the predictions up in its own way."""

    def answer(model, ids, extra):
        plain, other = predictions(model, ids, extra)
        return summary(other - plain)

    return answer


def of_both(summary):
    """An answer that compares the two predictions in its own way."""
    return lambda model, ids, extra: float(summary(*predictions(model, ids, extra)))


ATTEMPTS = {
    "padded_share": Attempts(
        right={
            "by rows": share_by_rows,
            "by cells": share_by_cells,
            "tensor": share_as_tensor,
            "numpy": lambda lengths: 1 - np.mean(lengths) / np.max(lengths),
        },
        wrong={
            "data": (lambda n: sum(n) / (len(n) * max(n)), "the question asks for the padding"),
            "percent": (lambda n: 100 * share_by_rows(n), "That is a percentage"),
            "cells": (lambda n: len(n) * max(n) - sum(n), "That counts cells"),
            "to the data": (
                lambda n: (len(n) * max(n) - sum(n)) / sum(n),
                "compares the padding with the data",
            ),
            "sequences": (
                lambda n: sum(length < max(n) for length in n) / len(n),
                "sequences that get any padding",
            ),
            "per sequence": (lambda n: max(n) - sum(n) / len(n), "a sequence gets on average"),
            "shortest": (lambda n: 1 - min(n) / max(n), "in the shortest sequence"),
            "rounded": (lambda n: round(share_by_rows(n), 2), "That was rounded"),
            "mean length": (
                lambda n: 1 - sum(n) / (len(n) * np.mean(n)),
                "no padding at all",
            ),
            "whole division": (
                lambda n: 1 - sum(n) // (len(n) * max(n)),
                "nothing but padding",
            ),
            "fixed width": (
                lambda n: 1 - sum(n) / (len(n) * 62),
                "returned 0.9395. Draw this case: sequences × longest = 4 × 6 = 24 cells, "
                "and 15 of them hold data.",
            ),
            "below zero": (
                lambda n: 1 - len(n) * max(n) / sum(n),
                "A share is between 0 and 1. Draw",
            ),
            "each row": (
                lambda n: [1 - length / max(n) for length in n],
                "expected one single number",
            ),
            "sorts": (sorts_lengths, "changed the data it was given"),
            "median crash": (lambda n: n.max(), "has no attribute 'max'"),
        },
        secrets=("max(lengths)", "sum(lengths)", "len(lengths)"),
    ),
    "pad_batch": Attempts(
        right={
            "keras": lambda seqs, value=0.0: pad(
                seqs, padding="post", value=value, dtype="float32"
            ),
            "lists": padded_lists,
            "tensor": lambda seqs, value=0.0: tf.ragged.constant(seqs).to_tensor(value),
            "half precision": lambda seqs, value=0.0: padded(seqs, value, dtype="float16"),
        },
        wrong={
            "defaults": (lambda seqs, value=0.0: pad(seqs, value=value), "pad_sequences does both"),
            "whole numbers": (
                lambda seqs, value=0.0: pad(seqs, padding="post", value=value),
                "which type of number (dtype) it holds",
            ),
            "in front": (
                lambda seqs, value=0.0: pad(seqs, value=value, dtype="float32"),
                "as pad_sequences puts it",
            ),
            "fixed width": (
                lambda seqs, value=0.0: pad(seqs, 62, "float32", "post", value=value),
                "your array has room for 62",
            ),
            "remembers": (remembers_longest, "your array has room for 4"),
            "shortest": (
                lambda seqs, value=0.0: np.array([s[: min(map(len, seqs))] for s in seqs]),
                "data was lost",
            ),
            "value ignored": (
                lambda seqs, value=0.0: padded(seqs),
                "hold [0.0] instead of -9.5",
            ),
            "zeros overwritten": (overwrites_zeros, "A 0.0 that was measured"),
            "in place": (padded_in_place, "changed the data it was given"),
            "as they came": (lambda seqs, value=0.0: seqs, "rows of the lengths 3, 1"),
            "array of rows": (
                lambda seqs, value=0.0: np.array(seqs),
                "NumPy met rows of different lengths",
            ),
            "no value": (lambda seqs: padded(seqs), "unexpected keyword argument 'value'"),
            "with mask": (
                lambda seqs, value=0.0: (padded(seqs, value), padded(seqs) != 0),
                "That has shape (2, 2, 3)",
            ),
            "sorted": (
                lambda seqs, value=0.0: padded(sorted(seqs, key=len), value),
                "rows changed places",
            ),
        },
        secrets=("np.full", "max(", "dtype=", "float32", "padding=", '"post"', "len("),
    ),
    "keep_end": Attempts(
        right={
            "all named": lambda seqs, maxlen: pad(
                seqs, maxlen=maxlen, padding="post", truncating="pre", dtype="int64"
            ),
            "slices": ends,
            "lists": lambda seqs, maxlen: ends(seqs, maxlen).tolist(),
            "tensor": lambda seqs, maxlen: tf.constant(ends(seqs, maxlen)),
        },
        wrong={
            "zeros in front": (lambda seqs, maxlen: pad(seqs, maxlen), "a setting of its own"),
            "both sides": (
                lambda seqs, maxlen: pad(seqs, maxlen, truncating="post"),
                "each is on the other side",
            ),
            "beginning": (
                lambda seqs, maxlen: pad(seqs, maxlen, padding="post", truncating="post"),
                "the end should stay",
            ),
            "no limit": (
                lambda seqs, maxlen: pad(seqs, padding="post"),
                "the limit had no effect",
            ),
            "only what is needed": (
                lambda seqs, maxlen: pad([seq[-maxlen:] for seq in seqs], padding="post"),
                "also when every definition is shorter",
            ),
            "left out": (
                lambda seqs, maxlen: ends([seq for seq in seqs if len(seq) <= maxlen], maxlen),
                "shortened, not left out",
            ),
            "backwards": (
                lambda seqs, maxlen: ends([seq[: -maxlen - 1 : -1] for seq in seqs], maxlen),
                "in reverse order",
            ),
            "one off": (
                lambda seqs, maxlen: ends([seq[:-1] for seq in seqs], maxlen),
                "The very last word is missing",
            ),
            "floats": (
                lambda seqs, maxlen: ends(seqs, maxlen).astype("float32"),
                "have to be whole numbers",
            ),
            "minus one": (
                lambda seqs, maxlen: np.where(ends(seqs, maxlen) == 0, -1, ends(seqs, maxlen)),
                "an id that is not 0",
            ),
            "lists": (
                lambda seqs, maxlen: [seq[-maxlen:] for seq in seqs],
                "rows of the lengths 3, 2, 3",
            ),
            "array of slices": (
                lambda seqs, maxlen: np.array([seq[-maxlen:] for seq in seqs]),
                "NumPy met rows of different lengths",
            ),
            "small numbers": (
                lambda seqs, maxlen: ends(seqs, maxlen).astype("uint8"),
                "Look at the cell [0, 0]: it holds 188",
            ),
        },
        secrets=("padding=", "truncating", '"post"', '"pre"', "maxlen=maxlen"),
    ),
    "padding_effect": Attempts(
        right={
            "call": effect_by_call,
            "on batch": effect_on_batch,
            "two rows at a time": lambda model, ids, extra: float(
                np.abs(
                    np.subtract(
                        *(
                            model.predict_on_batch(np.array([words, words]))[1]
                            for words in (ids, ids + [0] * extra)
                        )
                    )
                ).max()
            ),
        },
        wrong={
            "no effect": (lambda model, ids, extra: 0.0, "But this prediction does move"),
            "signed": (of_difference(np.max), "a distance is never negative"),
            "signed the other way": (
                of_both(lambda plain, other: max(plain - other)),
                "The sign is still in it: that is the largest change in one direction",
            ),
            "up to extra": (
                lambda model, ids, extra: max(effect(model, ids, n) for n in range(extra + 1)),
                "for any number of zeros up to 3",
            ),
            "mean": (of_difference(lambda d: np.abs(d).mean()), "the mean over the outputs"),
            "sum": (of_difference(lambda d: np.abs(d).sum()), "adds up the changes"),
            "first": (of_difference(lambda d: abs(d[0])), "the first output alone"),
            "highest": (
                of_both(lambda plain, other: abs(plain.max() - other.max())),
                "the highest output of each",
            ),
            "predicted": (
                of_both(lambda plain, other: abs(plain - other)[plain.argmax()]),
                "the predicted class alone",
            ),
            "in front": (effect_in_front, "zeros in front of the words"),
            "one zero": (lambda model, ids, extra: effect(model, ids, 1), "effect of one zero"),
            "always 50": (lambda model, ids, extra: effect(model, ids, 50), "of 50 zeros"),
            "all changes": (of_difference(np.abs), "expected one single number"),
            "changes ids": (effect_changes_ids, "changed the data it was given"),
            "trains": (effect_with_training, "it trained or changed the model"),
            "norm": (of_difference(np.linalg.norm), "what single outputs do"),
            "list": (
                lambda model, ids, extra: model.predict(ids, verbose=0),
                "Unrecognized data type",
            ),
        },
        secrets=("np.abs", "np.max", "predict(", "[0] * extra", "argmax"),
    ),
}
