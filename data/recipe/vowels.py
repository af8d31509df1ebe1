"""Build japanese_vowels.npz: utterances as series of 12 cepstrum coefficients, nine speakers.

The frames of all utterances lie end to end: utterance i of the training set is
`x_train[start:start + len_train[i]]`, where `start` is the sum of the lengths before it.
"""

import io
import zipfile

from basics import RecipeError
from pinned_packages import AEON

try:
    import numpy as np
except ImportError:
    raise RecipeError(
        "NumPy is needed to build japanese_vowels.npz and is not installed in this Python; "
        "run the recipe with the Python of the course."
    ) from None

FILE_NAME = "japanese_vowels.npz"
_FOLDER = "aeon/datasets/data/JapaneseVowels/"
SOURCES = {
    AEON: (_FOLDER + "JapaneseVowels_TRAIN.ts", _FOLDER + "JapaneseVowels_TEST.ts"),
}


def build(train: bytes, test: bytes) -> bytes:
    """Return the NPZ file, from the two `.ts` files of the official split.

    Arrays, for `train` and `test`: `x_*` (frames, 12) float32, `len_*` (utterances,) int16,
    `y_*` (utterances,) int8 with the speakers 0 to 8.
    """
    arrays = {}
    for split, source in (("train", train), ("test", test)):
        utterances, speakers = _read_ts(source.decode("utf-8"))
        arrays[f"x_{split}"] = np.concatenate(utterances)
        arrays[f"len_{split}"] = np.array([len(frames) for frames in utterances], np.int16)
        arrays[f"y_{split}"] = np.array(speakers, np.int8)
    return _npz_bytes(arrays)


def _read_ts(text: str) -> tuple[list[np.ndarray], list[int]]:
    """Return the utterances, each (timesteps, 12), and their speakers counted from 0.

    After `@data`, a line is one utterance: its 12 series, then the speaker, with ":" between them.
    """
    utterances, speakers = [], []
    for line in text.split("@data", 1)[1].strip().splitlines():
        *series, speaker = line.strip().split(":")
        values = [[float(value) for value in one_series.split(",")] for one_series in series]
        utterances.append(np.array(values, np.float32).T)
        speakers.append(int(speaker) - 1)
    return utterances, speakers


def _npz_bytes(arrays: dict[str, np.ndarray]) -> bytes:
    """Return a compressed NPZ with a fixed date; `numpy.savez_compressed` writes today's."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, np.ascontiguousarray(array), allow_pickle=False)
            member = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = 3  # Unix, also when built elsewhere
            member.external_attr = 0o644 << 16
            archive.writestr(member, content.getvalue(), compresslevel=9)
    return file.getvalue()
