"""The models of the lab of shapes: right ones, and slips that people make."""

from collections.abc import Callable
from dataclasses import dataclass

SAMPLES, TIMESTEPS, FEATURES, UNITS = (1, 3, 6), (3, 5, 7), (1, 3, 5), (2, 4, 8)
WORDS = 100
"""How many different ids the Embedding of the lab takes."""

Shape = tuple[int | None, ...]


@dataclass(frozen=True)
class Plan:
    """A model and the array that it gets: the shape declared to ``Input``, that of x, the layers.

    ``meant`` is how x is drawn: rows, steps, and what stands at a step. ``comment`` is about x.
    """

    declared: Shape
    given: Shape
    layers: tuple[str, ...]
    meant: tuple[int, int, str]
    comment: str = "samples, timesteps, features"
    dtype: str = "float32"


@dataclass(frozen=True)
class Choice:
    """A way to build and feed a model, with what to say when Keras refuses or accepts a mistake."""

    plan: Callable[[int, int, int, int], Plan]
    refused: str = ""
    accepted: str = ""


def numbers(count: int) -> str:
    """The count with its noun."""
    return "1 number" if count == 1 else f"{count} numbers"


def _model(
    *lines: str, declared="tf", given="ntf", drawn="ntf", dtype="float32", **about: str
) -> Callable[[int, int, int, int], Plan]:
    """A plan for every setting of the sliders.

    A letter stands for the size of an axis: n samples, t timesteps, f features, u units; in the
    layers it stands in braces. ``drawn`` has rows, steps, and the numbers at a step.
    """

    def plan(n: int, t: int, f: int, u: int) -> Plan:
        sizes = {"n": n, "t": t, "f": f, "u": u, "1": 1}
        axes, x = (tuple(sizes[letter] for letter in letters) for letters in (declared, given))
        rows, steps, count = (sizes[letter] for letter in drawn)
        text = numbers(count) if dtype == "float32" else "word id"
        layers = tuple(line.format(**sizes) for line in lines)
        return Plan(axes, x, layers, (rows, steps, text), dtype=dtype, **about)

    return plan


SIMPLE = "LSTM({u})", "Dense(1)"
CHOICES = {
    "LSTM, Dense": Choice(
        _model(*SIMPLE),
        accepted="That is one answer for each sample. The sums in the table have features and "
        "units, no samples and no timesteps.",
    ),
    "LSTM (every step), LSTM, Dense": Choice(
        _model("LSTM({u}, return_sequences=True)", "LSTM({u})", "Dense(1)"),
        accepted="The units of the first LSTM are the features of the second one.",
    ),
    "word ids: Embedding, LSTM, Dense": Choice(
        _model(
            f"Embedding({WORDS}, {{f}})",
            *SIMPLE,
            declared="t",
            given="nt",
            dtype="int32",
            comment="word ids: samples, timesteps",
        ),
        accepted="The Embedding makes the features: a vector for every word id.",
    ),
    "slip: LSTM, LSTM, Dense": Choice(
        _model("LSTM({u})", "LSTM({u})", "Dense(1)"),
        refused="The first LSTM returns one vector for each sample, so the second one finds no "
        "axis of time. return_sequences=True in the first one keeps it.",
    ),
    "slip: Input((samples, features))": Choice(
        _model(*SIMPLE, declared="nf"),
        accepted="Keras does not complain. It takes the first number of Input for the number of "
        "steps, and a Sequential model does not compare that with x. The number of samples is "
        "never declared.",
    ),
    "slip: Input(x.shape)": Choice(
        _model(*SIMPLE, declared="ntf"),
        refused="Keras puts the axis of samples in front by itself, as None, so there is one axis "
        "too many. Input gets x.shape[1:].",
    ),
    "slip: one sample, not in a batch": Choice(
        _model(*SIMPLE, given="tf", drawn="1tf", comment="one sample: timesteps, features"),
        refused="An axis is missing. x[np.newaxis] makes a batch of one sample.",
        accepted="Keras does not complain. With one feature it puts an axis at the end, and takes "
        "every step for a sample of one step: as many answers as steps.",
    ),
    "slip: no axis of features": Choice(
        _model(
            *SIMPLE,
            given="nt",
            drawn="nt1",
            comment="samples, timesteps; the axis of features is missing",
        ),
        refused="At every step the model expects a vector of features, and x has a number there.",
        accepted="Keras does not complain. With one feature it puts the missing axis at the end: "
        "here that is what was meant. x[..., np.newaxis] says it.",
    ),
    "slip: timesteps and features swapped": Choice(
        _model(
            *SIMPLE,
            given="nft",
            drawn="nft",
            comment="samples, features, timesteps: two axes have changed places",
        ),
        refused="The number of steps is open, that of features is not: the kernel has a row for "
        "each feature. np.swapaxes(x, 1, 2) puts the axes right.",
        accepted="Keras does not complain. With as many timesteps as features, both ways have the "
        "same shape, so Keras cannot see the slip. The LSTM reads features as time.",
    ),
}
"""The models of the lab; those that begin with "slip" are not what their builder meant."""
