"""Answers to the exercise of lesson 00."""

import itertools

import keras
import numpy as np
import tensorflow as tf

from exercise_attempts import Attempts

pad = keras.utils.pad_sequences


def by_loop(seqs):
    array = np.zeros((len(seqs), max(map(len, seqs))))
    for row, seq in zip(array, seqs, strict=True):
        row[: len(seq)] = seq
    return array


def as_lists(seqs):
    longest = max(map(len, seqs))
    return [seq + [0.0] * (longest - len(seq)) for seq in seqs]


def in_place(seqs):
    longest = max(map(len, seqs))
    for seq in seqs:
        seq.extend([0.0] * (longest - len(seq)))
    return np.array(seqs)


ATTEMPTS = {
    "pad_floats": Attempts(
        right={
            "double precision": lambda seqs: pad(seqs, dtype="float64", padding="post"),
            "half precision": lambda seqs: pad(seqs, dtype="float16", padding="post"),
            "loop": by_loop,
            "lists": as_lists,
            "tensor": lambda seqs: keras.ops.convert_to_tensor(by_loop(seqs)),
            "bfloat16": lambda seqs: tf.cast(by_loop(seqs), "bfloat16"),
            "ragged": lambda seqs: tf.ragged.constant(seqs).to_tensor(),
            "transposed zip": lambda seqs: (
                np.array(list(itertools.zip_longest(*seqs, fillvalue=0.0))).T
            ),
        },
        wrong={
            "both defaults": (lambda seqs: pad(seqs), "pad_sequences does both"),
            "whole numbers": (
                lambda seqs: pad(seqs, padding="post"),
                "which type of number (dtype) it",
            ),
            "in front": (lambda seqs: pad(seqs, dtype="float32"), "as pad_sequences puts it"),
            "rounded": (lambda seqs: np.round(by_loop(seqs)), "decimals are rounded away"),
            "too narrow": (
                lambda seqs: pad(seqs, maxlen=2, dtype="float32", padding="post"),
                "data was lost",
            ),
            "too wide": (
                lambda seqs: pad(seqs, maxlen=6, dtype="float32", padding="post"),
                "hold padding in every row",
            ),
            "as they came": (lambda seqs: seqs, "rows of the lengths 2, 1"),
            "steps first": (
                lambda seqs: np.array(list(itertools.zip_longest(*seqs, fillvalue=0.0))),
                "Rows and columns are swapped",
            ),
            "nan": (
                lambda seqs: pad(seqs, dtype="float32", padding="post", value=np.nan),
                "hold [nan] instead of 0.0",
            ),
            "sorted": (lambda seqs: by_loop(sorted(seqs, key=len)), "rows changed places"),
            "backwards": (
                lambda seqs: by_loop([seq[::-1] for seq in seqs]),
                "Every sequence runs backwards",
            ),
            "one long row": (lambda seqs: np.concatenate(seqs), "That has shape (3,)"),
            "another number": (lambda seqs: by_loop(seqs) * 2, "Look at the cell [0, 0]"),
            "in place": (in_place, "changed the data it was given"),
            "side misnamed": (
                lambda seqs: pad(seqs, padding="after", dtype="float32"),
                "not understood. The two sides are called 'pre' and 'post'.",
            ),
            "text": (lambda seqs: str(seqs), "returned the text"),
            "ragged tensor": (
                lambda seqs: tf.ragged.constant(seqs),
                "returned a RaggedTensor",
            ),
        },
        secrets=("dtype=", "float32", "padding=", '"post"', "'post'"),
    )
}
