"""Answers to the exercises of lesson 07, but for the tagger."""

import keras
import numpy as np

from exercise_attempts import Attempts

GRU = keras.layers.GRU


def by_loop(outputs, lengths):
    return np.array([row[length - 1] for row, length in zip(outputs, lengths, strict=True)])


def by_taking(outputs, lengths):
    steps = np.array(lengths)[:, None, None] - 1
    return np.take_along_axis(outputs, steps, axis=1)[:, 0]


def shifted(by):
    def answer(outputs, lengths):
        return outputs[np.arange(len(outputs)), np.clip(np.array(lengths) + by, 0, None)]

    return answer


def each(summary):
    return lambda outputs, lengths: np.array(
        [summary(row[:length]) for row, length in zip(outputs, lengths, strict=True)]
    )


def last_in_place(outputs, lengths):
    outputs *= 1.0 + (np.arange(outputs.shape[1]) >= np.array(lengths)[:, None])[..., None]
    return by_loop(outputs, lengths)


def words_by_loop(tags, predicted):
    fine = 0
    for word, answer in zip(tags.tolist(), predicted.tolist(), strict=True):
        fine += all(a == b for a, b in zip(word, answer, strict=True) if a != 0)
    return fine / len(tags)


def words_by_masking(tags, predicted):
    return keras.ops.mean(
        keras.ops.cast(
            keras.ops.all(keras.ops.equal(tags, np.where(tags > 0, predicted, 0)), -1), "float32"
        )
    )


def words_by_counting(tags, predicted):
    mistakes = ((tags != predicted) & (tags > 0)).sum(axis=1)
    return np.count_nonzero(mistakes == 0) / mistakes.size


def share_a_word(tags, predicted):
    real = tags > 0
    return (((tags == predicted) & real).sum(1) / real.sum(1)).mean()


def stacked(units, every_step, kind=GRU, inner=True, last=None, order=1, **options):
    model = keras.Sequential([keras.Input((None, 3))])
    units = units[::order]
    for number, size in enumerate(units, start=1):
        ends = every_step if last is None else last
        more = ends if number == len(units) else inner
        model.add(kind(size, return_sequences=more, **options))
    return model


def from_a_list(units, every_step):
    layers = [GRU(size, return_sequences=True) for size in units[:-1]]
    return keras.Sequential([*layers, GRU(units[-1], return_sequences=every_step)])


def functional(units, every_step):
    inputs = outputs = keras.Input((None, 3))
    for size in units:
        outputs = GRU(size, return_sequences=True)(outputs)
    return keras.Model(inputs, outputs if every_step else outputs[:, -1])


def fixed_length(units, every_step):
    flags = [True] * (len(units) - 1) + [every_step]
    layers = [GRU(u, return_sequences=flag) for u, flag in zip(units, flags, strict=True)]
    return keras.Sequential([keras.Input((None, 3)), *layers])


def mean_of_steps(units, every_step):
    model = stacked(units, True)
    if not every_step:
        model.add(keras.layers.GlobalAveragePooling1D())
    return model


def last_by_its_size(units, every_step):
    sizes = [GRU(u, return_sequences=every_step or u != units[-1]) for u in units]
    return keras.Sequential([keras.Input((None, 3)), *sizes])


ATTEMPTS = {
    "last_real_output": Attempts(
        right={
            "loop": by_loop,
            "take": by_taking,
            "index": shifted(-1),
            "array": lambda outputs, lengths: outputs[np.arange(len(outputs)), lengths - 1],
            "list": lambda outputs, lengths: by_loop(outputs, lengths).tolist(),
            "tensor": lambda outputs, lengths: keras.ops.convert_to_tensor(
                by_loop(outputs, lengths)
            ),
        },
        wrong={
            "last column": (lambda o, n: o[:, -1], "has read padding by then"),
            "too late": (shifted(0), "from one step too late"),
            "too early": (shifted(-2), "from one step too early"),
            "mean": (each(lambda row: row.mean(0)), "the mean over the real steps"),
            "sum": (each(lambda row: row.sum(0)), "the sum over the real steps"),
            "largest": (each(lambda row: row.max(0)), "the largest value of each unit"),
            "first": (lambda o, n: o[:, 0], "the output of the first step"),
            "from the end": (
                lambda o, n: o[np.arange(len(o)), -np.array(n)],
                "counts from the end of the row",
            ),
            "all pairs": (lambda o, n: o[:, np.array(n) - 1], "got the steps of all sequences"),
            "all steps": (
                lambda o, n: o * (np.arange(o.shape[1]) < np.array(n)[:, None])[..., None],
                "still has an axis of time",
            ),
            "in place": (last_in_place, "changed the data it was given"),
        },
        secrets=("lengths - 1", "- 1]", "np.asarray"),
    ),
    "whole_words": Attempts(
        right={
            "loop": words_by_loop,
            "masking": words_by_masking,
            "counting": words_by_counting,
        },
        wrong={
            "padding too": (lambda t, p: (t == p).all(1).mean(), "The padding was compared, too"),
            "predicted padding": (
                lambda t, p: ((t == p) | (p == 0)).all(1).mean(),
                "left out where the prediction is 0",
            ),
            "number": (
                lambda t, p: ((t == p) | (t == 0)).all(1).sum(),
                "the number of words without",
            ),
            "mistakes": (
                lambda t, p: 1 - words_by_loop(t, p),
                "the share of the words with a mistake",
            ),
            "steps": (lambda t, p: (t == p)[t > 0].mean(), "the share of the real steps"),
            "cells": (lambda t, p: (t == p).mean(), "the share of all cells"),
            "any": (
                lambda t, p: ((t == p) & (t > 0)).any(1).mean(),
                "as soon as one of its steps is",
            ),
            "share a word": (share_a_word, "the mean over the words of their share"),
            "columns": (
                lambda t, p: ((t == p) | (t == 0)).all(0).mean(),
                "That asks the columns",
            ),
            "padding wrong": (
                lambda t, p: ((t == p) & (t > 0)).all(1).mean(),
                "You counted the padding as mistakes",
            ),
            "a word": (lambda t, p: ((t == p) | (t == 0)).all(1), "one answer a word"),
            "half": (lambda t, p: 0.5 * words_by_loop(t, p), "Count by hand how many"),
            "shape": (lambda t, p: (t == p[:, :2]).mean(), "could not be broadcast"),
        },
        secrets=("== 0", "all(axis=1).mean", "| (tags"),
    ),
    "stacked": Attempts(
        right={
            "add": stacked,
            "list": from_a_list,
            "functional": functional,
            "fixed": fixed_length,
        },
        wrong={
            "no sequences": (
                lambda u, e: stacked(u, e, inner=False),
                "units = [2, 5, 4] and every_step = False your code raised",
            ),
            "last by its size": (
                last_by_its_size,
                "units = [4, 4] and every_step = False",
            ),
            "always steps": (
                lambda u, e: stacked(u, True),
                "one for each sequence was asked for",
            ),
            "never steps": (lambda u, e: stacked(u, False), "one for every step was asked for"),
            "backwards": (lambda u, e: stacked(u, e, order=-1), "in the opposite order"),
            "one layer": (lambda u, e: stacked(u[:1], e), "for the first number alone"),
            "last layer": (lambda u, e: stacked(u[-1:], e), "for the last number alone"),
            "one too few": (lambda u, e: stacked(u[:-1], e), "for the last number is missing"),
            "lstm": (
                lambda u, e: stacked(u, e, kind=keras.layers.LSTM),
                "the weights are those of LSTM",
            ),
            "simple": (
                lambda u, e: stacked(u, e, kind=keras.layers.SimpleRNN),
                "the weights are those of SimpleRNN",
            ),
            "all alike": (
                lambda u, e: stacked([max(u)] * len(u), e),
                "all layers have the same number",
            ),
            "mean": (mean_of_steps, "It is the mean over the steps"),
            "activation": (
                lambda u, e: stacked(u, e, activation="relu"),
                "with default settings",
            ),
            "dense behind": (
                lambda u, e: keras.Sequential([*stacked(u, e).layers, keras.layers.Dense(4)]),
                "and nothing else, has",
            ),
            "layers": (
                lambda u, e: [GRU(size, return_sequences=True) for size in u],
                "returned the list",
            ),
        },
        secrets=("return_sequences=", "enumerate", "model.add"),
    ),
}
