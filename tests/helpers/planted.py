"""A corpus whose grammar decides what a model must find.

Words of one class are interchangeable: they occur with the context words of their class and nothing else. Beside
them stand pairs in a relation: thing i has two names, `male_i` and `female_i`; both occur with the words of thing i,
and each form with the words of its form, so that female_i - male_i is the same direction for every i.
"""

import numpy as np

CLASSES, CLASS_SIZE, THINGS, FORMS = 12, 6, 16, ("male", "female")


def class_word(group, member):
    return f"class{group}word{member}"


def sentences(n, seed=1):
    """`n` sentences, lists of str."""
    rng = np.random.default_rng(seed)
    for _ in range(n):
        if rng.random() < 0.5:
            group = rng.integers(CLASSES)
            context = [f"context{group}no{k}" for k in rng.integers(0, 8, 4)]
            word = class_word(group, rng.integers(CLASS_SIZE))
        else:
            thing, form = rng.integers(THINGS), FORMS[rng.integers(2)]
            context = [f"thing{thing}no{k}" for k in rng.integers(0, 4, 2)]
            context += [f"{form}no{k}" for k in rng.integers(0, 6, 2)]
            context = [context[k] for k in rng.permutation(4)]
            word = f"{form}_{thing}"
        yield [*context[:2], word, *context[2:]]


def neighbors_found(kv):
    """Share of the words nearest to a class word, as many as the class has, that are of its class."""
    right = 0
    for group in range(CLASSES):
        members = {class_word(group, k) for k in range(CLASS_SIZE)}
        for word in members:
            nearest = [w for w, _ in kv.most_similar(word, topn=200) if w.startswith("class")][: CLASS_SIZE - 1]
            right += sum(w in members for w in nearest)
    return right / (CLASSES * CLASS_SIZE * (CLASS_SIZE - 1))


def questions():
    """Analogy questions of the Google form, over all ordered pairs of things."""
    lines = [": gram-form"]
    lines += [f"male_{a} female_{a} male_{b} female_{b}" for a in range(THINGS) for b in range(THINGS) if a != b]
    return "\n".join(lines) + "\n"
