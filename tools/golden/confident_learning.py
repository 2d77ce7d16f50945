"""Writes tests/golden/confident_learning.json: which labels cleanlab flags, of made and of real
predictions.

    python tools/golden/confident_learning.py tests/golden/confident_learning.json

Needs cleanlab 2, scikit-learn.
"""

import json
import os
import sys
import warnings

# cleanlab rounds equal counts in the order of numpy's argsort, which on AVX-512 and AVX2 is not
# stable. Without them it is, for up to 16 classes.
os.environ["NPY_DISABLE_CPU_FEATURES"] = "AVX512_SPR AVX512_ICL X86_V4 X86_V3"

import numpy as np
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_self_confidence_for_each_label
from sklearn.datasets import load_digits, load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict


def flipped(rng, labels, classes, share):
    labels = labels.copy()
    rows = rng.choice(len(labels), int(share * len(labels)), replace=False)
    labels[rows] = (labels[rows] + rng.integers(1, classes, len(rows))) % classes
    return labels


def held_out(x, labels):
    return cross_val_predict(LogisticRegression(max_iter=200),
                             x,
                             labels,
                             cv=3,
                             method="predict_proba")


def cases():
    rng = np.random.default_rng(5)
    digits = load_digits()
    labels = flipped(rng, digits.target, 10, 0.05)
    yield "digits, 5 % flipped", held_out(digits.data / 16, labels), labels
    iris = load_iris()
    labels = flipped(rng, iris.target, 3, 0.2)
    yield "iris, 20 % flipped", held_out(iris.data, labels), labels
    true = rng.choice(4, 400, p=[0.7, 0.2, 0.07, 0.03])
    labels = flipped(rng, true, 4, 0.1)
    logits = rng.normal(size=(400, 4))
    logits[np.arange(400), true] += 3
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    yield "four classes of very different size", probabilities, labels
    true = rng.choice([0, 2], 60)
    logits = rng.normal(size=(60, 3))
    logits[np.arange(60), true] += 2
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    yield "class 1 never occurs", probabilities, flipped(rng, true // 2, 2, 0.1) * 2
    true = rng.integers(0, 2, 50)
    sure = rng.uniform(0.2, 1, 50)
    p = np.where((true == 1)[:, None], np.stack([1 - sure, sure], 1), np.stack([sure, 1 - sure], 1))
    yield "two classes", p, flipped(rng, true, 2, 0.2)
    yield "nothing is wrong", np.eye(3)[np.arange(30) % 3] * 0.9 + 0.1 / 3, np.arange(30) % 3


def main():
    warnings.filterwarnings("ignore")
    out = []
    for name, p, labels in cases():
        p = p.astype(np.float32)
        exact = p.astype(np.float64)
        issues = find_label_issues(labels, exact, filter_by="prune_by_noise_rate", n_jobs=1)
        guess = exact.copy()
        given = get_self_confidence_for_each_label(labels, exact)
        guess[np.arange(len(labels)), labels] = -1
        doubted = np.flatnonzero(guess.max(axis=1) > given)
        ranking = doubted[np.lexsort((doubted, -guess.max(axis=1)[doubted], given[doubted]))]
        out.append({"name": name, "classes": p.shape[1], "labels": labels.tolist(),
                    "probabilities": [float(np.format_float_positional(x)) for x in p.ravel()],
                    "flagged": np.flatnonzero(issues).tolist(), "ranking": ranking.tolist()})
        print(name, len(labels), "flagged", issues.sum(), "doubted", len(doubted))
    with open(sys.argv[1], "w") as file:
        json.dump(out, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
