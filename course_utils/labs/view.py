"""What all labs share: a question, a few controls, and a scene that follows them.

A lab gives this view a function from settings to a ``Scene``. When the settings have few
combinations, all scenes are computed beforehand and the browser picks one, with or without a
kernel; otherwise the browser asks the kernel and shows the old scene as old until it answers.
"""

import html
import itertools
import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import anywidget
import traitlets

from course_utils import figures
from course_utils.labs import failures, walkthrough

HERE = Path(__file__).parent
MOST_CONTROLS = 5


@dataclass(frozen=True)
class Control:
    """One setting: a name for code, a label for people, and the values it can take.

    ``kind`` is ``range`` (a slider over ordered values), ``choice`` (a list), ``switch`` (two
    values, the second one on), ``text`` (a word of 1 to ``longest`` of the letters ``values``) or
    ``paint``: a tuple with one of ``values`` for each cell of the panel whose ``paints`` is the
    name of the control, row by row.

    A *position* is the place of a value in ``values``; of ``paint`` it is a list of places, and
    of ``text`` the word itself. When the learner moves this control, the one named ``resets``
    goes back to its first value. What stands in a ``choice`` with ``commits`` counts only when the
    button beside it, with these words, is pressed.
    """

    name: str
    label: str
    kind: str
    values: Sequence[object]
    labels: Sequence[str] = ()
    start: int | Sequence[int] | str = 0
    longest: int = 0
    resets: str = ""
    commits: str = ""

    def as_json(self) -> dict:
        labels = [str(label) for label in (self.labels or self.values)]
        about = {"name": self.name, "label": self.label, "kind": self.kind, "labels": labels}
        if self.resets:
            about["resets"] = self.resets
        if self.commits:
            about["commits"] = self.commits
        if self.kind == "text":
            about |= {"longest": self.longest, "expected": self.expected}
        return about

    @property
    def expected(self) -> str:
        """What may be typed into a ``text``, in words."""
        return f"1 to {self.longest} letters, {self.values[0]} to {self.values[-1]}"

    def value_at(self, position) -> object:
        """The value that stands at a position."""
        if self.kind == "paint":
            return tuple(self.values[place] for place in position)
        return position if self.kind == "text" else self.values[position]

    def position_of(self, value):
        """Where a value stands. Raises ``ValueError`` for a value that the control cannot take."""
        values = list(self.values)
        if self.kind == "text":
            fits = isinstance(value, str) and 1 <= len(value) <= self.longest
            if not fits or any(letter not in values for letter in value):
                raise ValueError(f"Found {self.name}={value!r}; expected {self.expected}.")
            return value
        if self.kind != "paint":
            if value not in values:
                raise ValueError(f"Found {self.name}={value!r}; expected one of {values}.")
            return values.index(value)
        cells = list(value) if isinstance(value, Sequence) else None
        if cells is None or len(cells) != len(self.start) or any(c not in values for c in cells):
            raise ValueError(
                f"Found {self.name}={value!r}; expected {len(self.start)} numbers, one a cell, "
                f"each one of {values}."
            )
        return [values.index(cell) for cell in cells]

    def label_at(self, position) -> str:
        """A position in words, for a page without a kernel."""
        if self.kind == "text":
            return position
        labels = self.labels or self.values
        places = position if self.kind == "paint" else [position]
        return " ".join(str(labels[place]) for place in places)


class LabView(anywidget.AnyWidget):
    """A lab in the notebook. ``compute(**settings)`` returns the ``Scene`` for the settings."""

    _esm = HERE / "view.js"
    _css = HERE / "view.css"

    title = traitlets.Unicode().tag(sync=True)
    question = traitlets.Unicode().tag(sync=True)
    controls = traitlets.List().tag(sync=True)
    palette = traitlets.Dict().tag(sync=True)
    positions = traitlets.List().tag(sync=True)
    scenes = traitlets.List().tag(sync=True)
    scene = traitlets.Dict().tag(sync=True)
    failure = traitlets.Unicode("").tag(sync=True)
    in_class = traitlets.Bool(False).tag(sync=True)
    """Shown to a class: what is not needed at first is folded."""
    verdict_covered = traitlets.Bool(False).tag(sync=True)
    """Each setting is looked at before its verdict is read."""
    table_folded = traitlets.Bool(False).tag(sync=True)
    """Whether the table stays folded, also where a scene would show it."""

    def __init__(
        self,
        title: str,
        question: str,
        controls: Sequence[Control],
        compute: Callable[..., figures.Scene],
        beforehand: bool,
    ):
        if len(controls) > MOST_CONTROLS:
            raise ValueError(f"Found {len(controls)} controls; a lab has at most {MOST_CONTROLS}.")
        self._controls = list(controls)
        self._drawing = threading.RLock()  # a lab that trains draws on a thread of its own, too
        self._compute = compute
        if beforehand and any(control.kind in ("paint", "text") for control in controls):
            raise ValueError("Painted cells and words have too many settings for beforehand.")
        start = [list(c.start) if c.kind == "paint" else c.start for c in controls]
        described = [control.as_json() for control in controls]
        look = walkthrough.FIRST_LOOKS.get(title)
        if look and not look.names <= (names := {control.name for control in controls}):
            raise ValueError(f"The first look names {look.names - names}, which are no controls.")
        if look and walkthrough.in_class():
            self.verdict_covered, self.table_folded = look.verdict_covered, look.table_folded
            for place, control in enumerate(controls):
                described[place]["aside"] = control.name not in look.controls
                if control.name in look.settings:
                    start[place] = control.position_of(look.settings[control.name])
        every = itertools.product(*(range(len(control.values)) for control in controls))
        super().__init__(
            title=title,
            question=question,
            in_class=walkthrough.in_class(),
            controls=described,
            palette=dict(figures.PALETTE, variants=[list(map(str, v)) for v in figures.VARIANTS]),
            positions=start,
            scenes=[self._scene_at(p).as_json() for p in every] if beforehand else [],
            scene={} if beforehand else self._answer(start),
        )
        self.observe(self._follow, "positions")

    @property
    def settings(self) -> dict[str, object]:
        """The values that the controls stand at, by name."""
        return self._settings_at(self.positions)

    def set(self, **settings) -> figures.Scene:
        """Move controls from code; returns the scene. Raises ``ValueError`` for unknown values."""
        positions = list(self.positions)
        names = [control.name for control in self._controls]
        for name, value in settings.items():
            if name not in names:
                raise ValueError(f"Found no control {name!r}; expected one of {names}.")
            place = names.index(name)
            positions[place] = self._controls[place].position_of(value)
        self.positions = positions
        return self._scene_at(positions)

    def _settings_at(self, positions) -> dict[str, object]:
        return {c.name: c.value_at(i) for c, i in zip(self._controls, positions, strict=True)}

    def _scene_at(self, positions) -> figures.Scene:
        return self._compute(**self._settings_at(positions))

    def _answer(self, positions) -> dict:
        """The scene for these positions, marked with them so that only the latest is shown."""
        return {**self._scene_at(positions).as_json(), "positions": list(positions)}

    def _draw(self) -> None:
        """Show the scene of now; a scene that was begun earlier does not come after it."""
        with self._drawing:
            self.scene = self._answer(self.positions)

    def _follow(self, change) -> None:
        if self.scenes:
            return
        try:
            self._draw()
            self.failure = ""
        except Exception as error:
            failures.remember(f"lab {self.title!r}", traceback.format_exc())
            self.failure = f"{type(error).__name__}: {error}"

    def _repr_mimebundle_(self, **kwargs):
        """The live view, and beside it the still picture that a page without a kernel shows."""
        live = super()._repr_mimebundle_(**kwargs) or {}
        live, metadata = live if isinstance(live, tuple) else (live, {})
        scene = self._scene_at(self.positions)
        settings = ", ".join(
            f"{c.label}: {c.label_at(i)}"
            for c, i in zip(self._controls, self.positions, strict=True)
        )
        still = (
            f"<h4>Lab: {html.escape(self.title)}</h4><p>{html.escape(self.question)}</p>"
            f"<p><em>{html.escape(settings)}</em></p><p>{html.escape(scene.verdict)}</p>"
            f"{figures.as_html(scene)}<pre>{html.escape(scene.code)}</pre>"
            "<p><em>A still picture. Run this cell to use the controls.</em></p>"
        )
        bundle = {**live, "text/html": still, "text/plain": f"[lab] {self.title}: {scene.alt}"}
        return bundle, metadata
