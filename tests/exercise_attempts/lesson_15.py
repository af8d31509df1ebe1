"""Answers to the exercises of lesson 15; the taggers have recorded weights, so nothing trains."""

import numpy as np
import taggers

from exercise_attempts import Attempts


def share(hits, which):
    return hits[which].mean() if which.any() else 0.0


def in_loops(tags, guessed, rare):
    vowels, found, words = [], [], 0
    for own, other in zip(tags, guessed, strict=True):
        words += list(own) == list(other)
        for right, said in zip(own, other, strict=True):
            if right > 1:
                vowels.append(right == said)
            if right == rare:
                found.append(right == said)
    return (
        sum(vowels) / len(vowels) if vowels else 0,
        words / len(tags),
        sum(found) / len(found) if found else 0,
    )


def flat(tags, guessed):
    return np.concatenate(tags), np.concatenate(guessed)


def words_right(tags, guessed):
    return np.mean([(a == b).all() for a, b in zip(tags, guessed, strict=True)])


def as_array(tags, guessed, rare):
    right, said = flat(tags, guessed)
    hits = right == said
    whole = words_right(tags, guessed)
    return np.array([share(hits, right >= 2), whole, share(hits, right == rare)])


def scored(vowels=None, words=None, recall=None, order=(0, 1, 2)):
    """A scorer with one part replaced."""

    def tag_scores(tags, guessed, rare):
        right, said = flat(tags, guessed)
        parts = list(as_array(tags, guessed, rare))
        for place, part in enumerate((vowels, words, recall)):
            if part is not None:
                parts[place] = part(right, said, rare, tags, guessed)
        return [parts[place] for place in order]

    return tag_scores


def hits(right, said, rare):
    return (right == said)[right == rare]


def recall_in_words(right, said, rare, tags, guessed):
    own = [(b[a == rare] == rare).mean() for a, b in zip(tags, guessed, strict=True) if rare in a]
    return np.mean(own) if own else 0.0


def words_with_all_found(right, said, rare, tags, guessed):
    own = [(b[a == rare] == rare).all() for a, b in zip(tags, guessed, strict=True) if rare in a]
    return np.mean(own) if own else 0.0


def words_with_one_said(right, said, rare, tags, guessed):
    own = [rare in b for a, b in zip(tags, guessed, strict=True) if rare in a]
    return np.mean(own) if own else 0.0


def in_words(right, said, rare, tags, guessed):
    return np.mean([(a == b).mean() for a, b in zip(tags, guessed, strict=True)])


def cut_rows(tags, lengths):
    return [row[:length] for row, length in zip(tags, lengths, strict=True)]


def one_by_one(outputs, lengths):
    return [
        [max(range(1, 5), key=lambda tag, step=step: step[tag]) for step in row[:length]]
        for row, length in zip(outputs, lengths, strict=True)
    ]


def barred(outputs, lengths):
    allowed = np.where(np.arange(5) == 0, -np.inf, outputs)
    return cut_rows(allowed.argmax(-1), lengths)


def patched(outputs, lengths):
    tags = outputs.argmax(-1)
    return cut_rows(np.where(tags == 0, 1, tags), lengths)


def best(outputs):
    return outputs[..., 1:].argmax(-1) + 1


def hands_in(make, **changed):
    """A function that returns a hand-in which needs no training."""

    def train_tagger(train, validation, seed):
        return {**make(), "trained_on": train.words, **changed}

    return train_tagger


def made(weights=None, **changed):
    return lambda: taggers.handed_in(taggers.network(weights=weights), **changed)


def padded_with_a_sound(model, phonemes):
    return taggers.tag(model, phonemes, fill=taggers.UNKNOWN)


def trained_on_all(train, validation, seed):
    return taggers.handed_in(trained_on=[*train.words, *validation.words])


def without(part):
    def train_tagger(train, validation, seed):
        parts = taggers.handed_in()
        del parts[part]
        return parts

    return train_tagger


def model_alone(train, validation, seed):
    return taggers.network()


ATTEMPTS = {
    "tag_scores": Attempts(
        right={"loops": in_loops, "array": as_array, "list": scored()},
        wrong={
            "all sounds": (
                scored(vowels=lambda right, said, *rest: (right == said).mean()),
                "the consonants are in it",
            ),
            "guessed vowels": (
                scored(vowels=lambda right, said, *rest: share(right == said, said >= 2)),
                "That counts the guessed vowels",
            ),
            "stressed vowels": (
                scored(vowels=lambda right, said, *rest: share(right == said, right > 2)),
                "The vowels without stress, tag 2, are left out",
            ),
            "sounds for words": (
                scored(words=lambda right, said, *rest: (right == said).mean()),
                "That is the share of the sounds",
            ),
            "inside words": (scored(words=in_words), "the mean share inside the words"),
            "precision": (
                scored(recall=lambda right, said, rare, *rest: share(right == said, said == rare)),
                "That is the precision",
            ),
            "always tag 4": (
                scored(recall=lambda right, said, *rest: share(right == said, right == 4)),
                "`rare` says which tag is meant",
            ),
            "recall inside words": (scored(recall=recall_in_words), "the recall inside the words"),
            "words with all found": (
                scored(recall=words_with_all_found),
                "the share of the words whose rare tags are all found",
            ),
            "words with one said": (
                scored(recall=words_with_one_said),
                "somewhere in the guess",
            ),
            "found at all": (
                scored(
                    recall=lambda right, said, rare, *rest: float(hits(right, said, rare).any())
                ),
                "whether one is found at all",
            ),
            "nothing is not a number": (
                scored(
                    recall=lambda right, said, rare, *rest: (right == said)[right == rare].mean()
                ),
                "a share of nothing is 0 here",
            ),
            "one number": (lambda tags, guessed, rare: 0.5, "expected three numbers"),
        },
        secrets=("share(right >= 2)", "np.mean(whole)"),
    ),
    "sound_tags": Attempts(
        right={
            "loops": one_by_one,
            "barred": barred,
            "array of arrays": lambda outputs, lengths: cut_rows(best(outputs), np.array(lengths)),
        },
        wrong={
            "padding may win": (
                lambda outputs, lengths: cut_rows(outputs.argmax(-1), lengths),
                "got the tag 0, which is the padding",
            ),
            "another instead": (patched, "without asking which of the others"),
            "one too small": (
                lambda outputs, lengths: cut_rows(outputs[..., 1:].argmax(-1), lengths),
                "All tags are one too small",
            ),
            "padding left on": (
                lambda outputs, lengths: list(best(outputs)),
                "The padding is still there",
            ),
            "from the end": (
                lambda outputs, lengths: [
                    row[-length:] for row, length in zip(best(outputs), lengths, strict=True)
                ],
                "Those are the last steps",
            ),
            "smallest": (
                lambda outputs, lengths: cut_rows(outputs[..., 1:].argmin(-1) + 1, lengths),
                "where the smallest numbers stand",
            ),
            "numbers": (
                lambda outputs, lengths: cut_rows(outputs[..., 1:].max(-1), lengths),
                "Those are the largest numbers",
            ),
            "one list": (
                lambda outputs, lengths: np.concatenate(cut_rows(best(outputs), lengths)),
                "expected one for each of the 3 words",
            ),
            "decimals": (
                lambda outputs, lengths: cut_rows(best(outputs).astype(float), lengths),
                "the right tags, but no integers",
            ),
        },
        secrets=(".argmax(axis=-1) + 1", "[row[:length]"),
    ),
    "train_tagger": Attempts(
        right={
            "padded after": hands_in(made()),
            "padded in front": hands_in(
                made(tag=taggers.tag_in_front, examples=taggers.examples_in_front)
            ),
            "one length at a time": hands_in(
                made(tag=taggers.tag_by_length, examples=taggers.examples_by_length)
            ),
        },
        wrong={
            "padding is not marked": (
                hands_in(made(tag=padded_with_a_sound)),
                "the model reads their padding",
            ),
            "rare tag never": (
                hands_in(made(taggers.biased(4, -20))),
                "Not one secondary stress is found",
            ),
            "no gain": (hands_in(made(taggers.noisy(0.35))), "no gain over a table"),
            "validation trained on": (trained_on_all, "are of families of the validation split"),
            "still learning": (
                hands_in(made(history=taggers.FALLING)),
                "it was still learning",
            ),
            "last epoch": (
                hands_in(made(history=taggers.RISEN)),
                "the last one and not the best",
            ),
            "unknown sound": (
                hands_in(made(tag=lambda model, words: taggers.tag(model, words, unknown=999))),
                "does not say which sound is unknown",
            ),
            "unknown sound as padding": (
                hands_in(made(tag=lambda model, words: taggers.tag(model, words, unknown=0))),
                "it is passed over as padding is",
            ),
            "no history": (without("history"), "Found no 'history' in the dict"),
            "spelled otherwise": (
                hands_in(made(), trained_on=["ABBEY", "ABBEYS"]),
                "entries in 'trained_on' that are no words of the data, such as ABBEY",
            ),
            "the model alone": (model_alone, "returned a finished model; expected a dict"),
        },
        secrets=("mask_zero=True", "weight_of_tag", "Bidirectional("),
    ),
}
