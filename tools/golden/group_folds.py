"""Writes tests/golden/group_folds.json: what scikit-learn's StratifiedGroupKFold makes of labels in
groups of many kinds.

    python tools/golden/group_folds.py > tests/golden/group_folds.json
"""

import json
import warnings

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

warnings.simplefilter("ignore")
draw = np.random.default_rng(3)
cases = []
for number in range(40):
    classes = int(draw.choice([2, 3, 7, 8, 10, 12, 150]))
    rows = int(draw.integers(12 * classes, 20 * classes))
    mean = float(draw.choice([1.0, 1.5, 4.0]))
    groups = draw.integers(0, max(int(rows / mean), 2 * classes), rows)
    if number % 3 == 0:  # of a group mostly one class
        labels = (groups + (draw.random(rows) < 0.1)) % classes
    else:
        labels = draw.integers(0, classes, rows)
    splits = int(draw.choice([2, 3, 5]))
    shuffle = bool(number % 2)
    per_class = [len(set(groups[labels == c])) for c in range(classes)]
    if min(per_class) < splits:
        continue
    folds = np.empty(rows, int)
    state = number if shuffle else None
    splitter = StratifiedGroupKFold(splits, shuffle=shuffle, random_state=state)
    for fold, (_, test) in enumerate(splitter.split(labels, labels, groups)):
        folds[test] = fold
    cases.append({"splits": splits, "shuffle": shuffle, "random_state": number,
                  "labels": labels.tolist(), "groups": groups.tolist(), "folds": folds.tolist()})
print("[" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases) + "]")
