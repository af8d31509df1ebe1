"""Errors as a person reads them: a sentence or two, no traceback."""

import re


class CourseError(Exception):
    """Something the reader can mend; says what was found, what was expected, what to do.

    In a notebook only the sentence is shown: the lines of our own code that noticed the
    problem would not help anybody to mend it.
    """

    def _render_traceback_(self):
        return [f"{type(self).__name__}: {self}"]


def essence(error: Exception) -> str:
    """The message of ``error`` in one line of at most 200 characters."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(error))  # Keras sets some of its messages in bold
    text = " ".join(text.split()).split(" Arguments received by")[0]
    if text.startswith(("in user code:", "Graph execution error:")):  # a traceback in a message
        text = re.split(r"\w+Error: ", text)[-1]
    text = re.sub(r"\{\{.*?\}\}\s*|\s*\[Op:.*?\]|\s*Label values:[\d ]*|\s*name:\s*$", "", text)
    if text.startswith("Exception encountered when calling"):
        text = text.partition("(). ")[2] or text
    text = text.replace("**", "").strip() or "(no message)"
    return text if len(text) <= 200 else text[:197] + "..."
