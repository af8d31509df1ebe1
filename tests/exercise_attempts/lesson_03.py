"""Answers to the exercises of lesson 03, but for its last one."""

import keras
import numpy as np

from exercise_attempts import Attempts

pad = keras.utils.pad_sequences
layers = keras.layers


def mean_by_where(x, mask):
    mask = mask[..., None]
    return np.where(mask, x, 0).sum(1) / np.maximum(mask.sum(1), 1)


def mean_by_loop(x, mask):
    return [
        steps[real].mean(axis=0) if real.any() else np.zeros(steps.shape[1])
        for steps, real in zip(x, mask, strict=True)
    ]


def mean_by_keras(x, mask):
    mean = layers.GlobalAveragePooling1D()(x.astype("float32"), mask=mask)
    return keras.ops.nan_to_num(mean)


def mean_with_tiny_number(x, mask):
    mask = mask[..., None].astype("float32")
    return (x * mask).sum(1) / (mask.sum(1) + 1e-7)


def mean_overwrites(x, mask):
    x[~mask] = 0
    return mean_by_where(x, mask)


def mean_with_nan(x, mask):
    with np.errstate(all="ignore"):
        return (x * mask[..., None]).sum(1) / mask.sum(1)[:, None]


def mean_of_first(x, mask):
    return [steps[: max(number, 1)].mean(0) for steps, number in zip(x, mask.sum(1), strict=True)]


def mean_of_nonzero(x, mask):
    return mean_by_where(x, mask & (x != 0).any(-1))


def mean_or_all(x, mask):
    return [
        (steps[real] if real.any() else steps).mean(0) for steps, real in zip(x, mask, strict=True)
    ]


def mean_by_sums(sums):
    """An answer that fills the lesson's starter in with two sums: total and count."""

    def answer(x, mask):
        with np.errstate(all="ignore"):
            total, count = sums(x, np.asarray(mask, float)[..., None], mask)
            return total / count

    return answer


def padded(seqs):
    return pad(seqs, padding="post", dtype="float32")


def scaled(seqs, mean, std):
    return [(seq - mean) / std for seq in seqs]


def scale_by_loop(seqs, mean, std):
    array = np.zeros((len(seqs), max(map(len, seqs)), len(mean)))
    for row, seq in zip(array, seqs, strict=True):
        row[: len(seq)] = (seq - mean) / std
    return array


def scale_then_clear(seqs, mean, std):
    array = (padded(seqs) - mean) / std
    for row, seq in zip(array, seqs, strict=True):
        row[len(seq) :] = 0
    return array


def scale_in_place(seqs, mean, std):
    for seq in seqs:
        seq -= mean
        seq /= std
    return padded(seqs)


def scale_nonzero(seqs, mean, std):
    array = padded(seqs)
    return np.where(array == 0, 0, (array - mean) / std)


def scale_nonzero_steps(seqs, mean, std):
    array = padded(seqs)
    return np.where((array == 0).all(-1, keepdims=True), 0, (array - mean) / std)


def scale_own_numbers(seqs, mean, std):
    steps = np.concatenate(seqs)
    return padded(scaled(seqs, steps.mean(0), steps.std(0)))


ATTEMPTS = {
    "mask_of": Attempts(
        right={
            "not equal zero": lambda ids: ~(ids == 0),
            "layer": lambda ids: layers.Embedding(400, 2, mask_zero=True).compute_mask(ids),
            "ops": lambda ids: keras.ops.not_equal(ids, 0),
            "lists": lambda ids: [[word != 0 for word in row] for row in ids.tolist()],
            "as bool": lambda ids: ids.astype(bool),
        },
        wrong={
            "inverted": (lambda ids: ids == 0, "the other way round"),
            "zeros and ones": (lambda ids: (ids != 0).astype(int), "A mask answers yes or no"),
            "above one": (lambda ids: ids > 1, "Id 1 counts as padding"),
            "all": (lambda ids: np.ones_like(ids, bool), "Everything is marked as real"),
            "by place": (
                lambda ids: np.arange(ids.shape[1]) < (ids != 0).sum(1)[:, None],
                "the id decides, not the place",
            ),
            "ids": (lambda ids: ids, "Those are the ids themselves"),
            "words": (lambda ids: ids[ids != 0], "list of the words that are left"),
            "lengths": (lambda ids: (ids != 0).sum(1), "Those are lengths"),
            "rows": (lambda ids: (ids != 0).any(1), "That is one answer a row"),
            "object": (lambda ids: ids is not None, "one answer for the whole array"),
            "new axis": (lambda ids: (ids != 0)[..., None], "That has shape (3, 4, 1)"),
            "if": (lambda ids: bool(ids), "truth value of an array"),
        },
        secrets=("!=", "== 0", "not_equal"),
    ),
    "masked_mean": Attempts(
        right={
            "where": mean_by_where,
            "loop": mean_by_loop,
            "keras": mean_by_keras,
            "tiny number": mean_with_tiny_number,
            "half precision": lambda x, mask: mean_by_where(x, mask).astype("float16"),
        },
        wrong={
            "no mask": (lambda x, mask: x.mean(1), "the mask had no effect"),
            "all steps": (
                lambda x, mask: (x * mask[..., None]).mean(1),
                "out of the sum but not of the count",
            ),
            "sum": (lambda x, mask: (x * mask[..., None]).sum(1), "the sum of the real steps"),
            "inverted": (lambda x, mask: mean_by_where(x, ~mask), "the mean over the padding"),
            "plus one": (
                lambda x, mask: (x * mask[..., None]).sum(1) / (mask.sum(1)[:, None] + 1),
                "divisor is one too large",
            ),
            "whole batch": (
                lambda x, mask: (x * mask[..., None]).sum(1) / mask.sum(),
                "the real steps of the whole batch",
            ),
            "over features": (
                mean_by_sums(lambda x, w, mask: ((x * w).sum(-1), w.sum(-1))),
                "the sum ran over the features",
            ),
            "over sequences": (
                mean_by_sums(lambda x, w, mask: ((x * w).sum(0), w.sum(0))),
                "the sum ran over the sequences",
            ),
            "over everything": (
                mean_by_sums(lambda x, w, mask: ((x * w).sum(), w.sum())),
                "the sum ran over all axes",
            ),
            "count without axis": (
                mean_by_sums(lambda x, w, mask: ((x * w).sum(1), mask.sum(1))),
                "The count has shape (2,), one number for each sequence, and was divided along",
            ),
            "first steps": (mean_of_first, "takes the first steps of each row"),
            "nonzero": (mean_of_nonzero, "whose values are 0 was left out"),
            "one mean": (lambda x, mask: x[mask].mean(0), "went into one mean"),
            "time axis": (
                lambda x, mask: mean_by_where(x, mask)[:, None],
                "with length 1",
            ),
            "nan": (mean_with_nan, "its sum 0 was divided by 0"),
            "all if none": (mean_or_all, "and should give zeros"),
            "shapes": (lambda x, mask: (x * mask).sum(1), "could not be broadcast"),
            "overwrites": (mean_overwrites, "changed the data it was given"),
        },
        secrets=("np.maximum", "x * ", "np.sum", "[:, :, None]", "where("),
    ),
    "scale_and_pad": Attempts(
        right={
            "loop": scale_by_loop,
            "clears afterwards": scale_then_clear,
            "all at once": lambda seqs, mean, std: padded(
                np.split(
                    (np.concatenate(seqs) - mean) / std, np.cumsum([len(s) for s in seqs])[:-1]
                )
            ),
            "tensor": lambda *given: keras.ops.convert_to_tensor(scale_by_loop(*given), "float32"),
        },
        wrong={
            "pads first": (
                lambda seqs, mean, std: (padded(seqs) - mean) / std,
                "Masking() looks for zeros and finds none",
            ),
            "cells": (scale_nonzero, "a single 0 in a step"),
            "steps": (scale_nonzero_steps, "happened to measure 0 everywhere"),
            "whole numbers": (
                lambda *given: pad(scaled(*given), padding="post"),
                "which type of number (dtype) it holds",
            ),
            "both defaults": (lambda *given: pad(scaled(*given)), "pad_sequences does both"),
            "in front": (
                lambda *given: pad(scaled(*given), dtype="float32"),
                "as pad_sequences puts it",
            ),
            "not scaled": (lambda seqs, mean, std: padded(seqs), "padded but not scaled"),
            "mean only": (
                lambda seqs, mean, std: padded([seq - mean for seq in seqs]),
                "nothing was divided",
            ),
            "std only": (
                lambda seqs, mean, std: padded([seq / std for seq in seqs]),
                "the mean is still there",
            ),
            "no brackets": (
                lambda seqs, mean, std: padded([seq - mean / std for seq in seqs]),
                "Only the mean was divided",
            ),
            "turned": (
                lambda seqs, mean, std: padded([(mean - seq) / std for seq in seqs]),
                "All signs are turned",
            ),
            "own numbers": (scale_own_numbers, "of this very batch were used. They"),
            "other value": (
                lambda *given: pad(scaled(*given), padding="post", dtype="float32", value=-99),
                "hold [-99.0] instead of 0.0",
            ),
            "too wide": (
                lambda *given: pad(scaled(*given), 9, "float32", "post"),
                "hold padding in every row",
            ),
            "own mean of all features": (
                lambda seqs, mean, std: padded([(s - s.mean()) / s.std() for s in seqs]),
                "of this very sequence were used, one number for all features",
            ),
            "array of sequences": (
                lambda seqs, mean, std: (seqs - mean) / std,
                "NumPy met rows of different lengths",
            ),
            "in place": (scale_in_place, "changed the data it was given"),
            "lists": (scaled, "rows of the lengths 2, 1"),
        },
        secrets=("padding=", '"post"', "dtype=", "float32", "- mean)"),
    ),
}
