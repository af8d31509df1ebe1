"""The error that a person reads: one sentence, no traceback."""


class CourseError(Exception):
    """Something the reader can mend; says what was found, what was expected, what to do.

    In a notebook only the sentence is shown: the lines of our own code that noticed the
    problem would not help anybody to mend it.
    """

    def _render_traceback_(self):
        return [f"{type(self).__name__}: {self}"]
