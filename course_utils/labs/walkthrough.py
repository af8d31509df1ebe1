"""What a lab shows first to a class: few controls, the others behind *More controls*.

``course.py teach`` sets the variable ``KERAS_SEQUENCE_LAB_TEACHING``.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

VARIABLE = "KERAS_SEQUENCE_LAB_TEACHING"


@dataclass(frozen=True)
class FirstLook:
    """The names of the controls that stay in sight, and the settings that the lab opens with.

    With ``verdict_covered`` the class says its verdict on each setting, then reads the lab's. A
    table that the guide does not show is ``table_folded``, so that the pictures fit the screen.
    """

    controls: tuple[str, ...]
    settings: Mapping[str, object] = field(default_factory=dict)
    verdict_covered: bool = False
    table_folded: bool = False

    @property
    def names(self) -> set[str]:
        return {*self.controls, *self.settings}


FIRST_LOOKS = {
    "padding": FirstLook(("padding", "mask")),
    "shapes in and out": FirstLook(("samples", "timesteps", "features")),
    "mask flow": FirstLook(("source", "second")),
    "bucket plan": FirstLook(("way", "window")),
    "weights and denominators": FirstLook(("weights", "mask")),
    "five ways": FirstLook(("axis", "single"), table_folded=True),
    "shapes of outputs": FirstLook(("layer", "return_sequences", "return_state")),
    "encoder-decoder": FirstLook(("word", "handed_over"), table_folded=True),
    "state stepper": FirstLook(("policy", "batch"), {"batch": 1}),
    "writer": FirstLook(("temperature", "carry"), {"temperature": 1.0}),
    "batch size": FirstLook(("axis", "single"), table_folded=True),
    "optimizers": FirstLook(("rates", "axis")),
    "thresholds": FirstLook(("threshold", "class_weight", "part"), table_folded=True),
    "curve diagnosis": FirstLook(("units", "samples"), verdict_covered=True, table_folded=True),
    "name the curve": FirstLook(("curve", "answer")),
    "stop and resume": FirstLook(("kept",), {"kept": ".keras and random states"}),
}
"""By the title of the lab, as the guide in ``docs/teaching`` begins with it."""


def in_class() -> bool:
    """Whether a class looks on."""
    return bool(os.environ.get(VARIABLE))
