#!/usr/bin/env python3
"""Writes tests/golden/folds.txt: scikit-learn's StratifiedKFold on small and on real labels.

Small cases, one a line:   small SPLITS SHUFFLE STATE LABELS FOLDS   (one base-36 digit per row)
Fashion-MNIST's 60,000:    real SPLITS SHUFFLE STATE SHA256          (of the fold digits as text)

Needs numpy, scikit-learn and the Debian package dataset-fashion-mnist.
"""

import gzip
import hashlib
import pathlib
import warnings

import numpy as np
from sklearn.model_selection import StratifiedKFold

ROOT = pathlib.Path(__file__).resolve().parents[2]
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
FASHION = "/usr/share/datasets/fashion-mnist/train-labels-idx1-ubyte.gz"


def patterns():
    draw = np.random.RandomState(7)
    yield np.repeat([0, 1], 10)
    yield np.tile([2, 0, 1], 11)
    yield draw.choice(4, 61, p=[0.2, 0.2, 0.3, 0.3])
    yield draw.permutation(np.repeat([0, 1, 2, 3, 4], [10, 31, 12, 24, 11]))
    yield draw.permutation(np.repeat(np.arange(10), 13))
    yield np.repeat([5, 3, 9], [10, 23, 17])


def fold_digits(labels, splits, shuffle, state):
    folds = np.empty(len(labels), int)
    splitter = StratifiedKFold(splits, shuffle=shuffle, random_state=state if shuffle else None)
    for fold, (_, test) in enumerate(splitter.split(np.zeros(len(labels)), labels)):
        folds[test] = fold
    return "".join(DIGITS[fold] for fold in folds)


def settings():
    for splits in range(2, 11):
        yield splits, False, 0
        for state in (0, 1, 42):
            yield splits, True, state


def main():
    warnings.simplefilter("error")
    lines = []
    for labels in patterns():
        text = "".join(DIGITS[label] for label in labels)
        for splits, shuffle, state in settings():
            if splits <= np.bincount(labels)[np.unique(labels)].min():
                folds = fold_digits(labels, splits, shuffle, state)
                lines.append(f"small {splits} {int(shuffle)} {state} {text} {folds}")
    real = np.frombuffer(gzip.open(FASHION).read(), np.uint8, offset=8)
    for splits, shuffle, state in ((3, False, 0), (5, False, 0), (5, True, 0), (7, True, 42),
                                   (10, True, 1)):
        digest = hashlib.sha256(fold_digits(real, splits, shuffle, state).encode()).hexdigest()
        lines.append(f"real {splits} {int(shuffle)} {state} {digest}")
    (ROOT / "tests/golden/folds.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
