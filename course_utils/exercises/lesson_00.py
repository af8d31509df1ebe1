"""The check of lesson 00: one exercise, to learn how exercises work."""

from course_utils.exercises.checking import (
    call,
    diagnose,
    function,
    laid_out,
    numbers,
    padding_beliefs,
    register,
    short,
)

BATCHES = (
    [[0.5, -1.75], [2.25]],
    [[0.25], [1.5, 0.0, -3.25, 4.75], [7.5, 0.5]],
    [[12.5], [0.75]],
)


@register(
    "pad_floats",
    hints=(
        "Run `keras.utils.pad_sequences([[0.5, -1.75], [2.25]])` in a cell of its own. Two things "
        "about the result differ from what you want: which ones?",
        "`help(keras.utils.pad_sequences)` lists the arguments and what each of them is when you "
        "leave it out. You need two of them.",
        "One argument is called `padding` and names a side; the other is called `dtype` and names "
        "the type of number.",
    ),
    praise="Both defaults were made for word ids, so measurements are damaged without an error. "
    "Look at shape and dtype of every new array first.",
)
def check_pad_floats(answer) -> None:
    pad_floats = function(answer, "pad_floats(seqs)")
    for seqs in BATCHES:
        shown = f"the sequences {short(seqs)}"
        result = numbers(call(pad_floats, seqs, shown=shown), shown)
        diagnose(result, laid_out(seqs), padding_beliefs(result, seqs, 0.0), shown)
