"""Errors that a notebook would swallow: in callbacks, in threads, inside ``Output`` widgets.

A cell that only starts a thread or draws a widget ends well even if they fail. The last cell
of every lesson asks here, so that such an error reaches the learner and fails the tests.
"""

import inspect
import sys
import threading

import ipywidgets
from IPython import get_ipython
from ipywidgets.widgets import widget as registry

# These catch an error, show its traceback somewhere and go on as if nothing had happened:
# the callbacks of widgets, and whatever turns a value into what a cell displays.
CATCHERS = ("ipywidgets.", "IPython.core.formatters", "IPython.core.events")

_remembered: list[str] = []
_original_hook = threading.excepthook


def watch() -> None:
    """Remember from now on every error that no cell fails of; it is still shown as usual."""
    _watch_threads()
    _watch_callbacks()


def remember(where: str, text: str) -> None:
    """Keep an error that was caught where no cell could show it."""
    _remembered.append(f"In {where}: {text.strip().splitlines()[-1]}")


def hidden() -> list[str]:
    """Every error that has been remembered, and every traceback inside an ``Output`` widget."""
    swallowed = [
        f"In a widget: {output.get('ename')}: {output.get('evalue')}"
        for widget in list(registry._instances.values())
        if isinstance(widget, ipywidgets.Output)
        for output in widget.outputs
        if output.get("output_type") == "error"
    ]
    # An Output may hold the traceback of a callback that is remembered already.
    return list(dict.fromkeys(_remembered + swallowed))


def _watch_threads() -> None:
    def hook(arguments):
        if arguments.exc_type is not SystemExit:
            error = f"{arguments.exc_type.__name__}: {arguments.exc_value}"
            remember(f"thread {getattr(arguments.thread, 'name', '?')!r}", error)
        _original_hook(arguments)

    threading.excepthook = hook


def _watch_callbacks() -> None:
    shell = get_ipython()
    if shell is None:
        return
    original = shell.showtraceback

    def showtraceback(*arguments, **named):
        catcher = inspect.currentframe().f_back.f_globals.get("__name__", "")
        if catcher.startswith(CATCHERS):
            given = arguments[0] if arguments else named.get("exc_tuple")
            kind, error = (given or sys.exc_info())[:2]
            remember("a widget", f"{kind.__name__}: {error}")
        return original(*arguments, **named)

    shell.showtraceback = showtraceback
