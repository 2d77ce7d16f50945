"""Writes tests/golden/rejection.json: what scikit-learn says of answers that are kept back.

    python tools/golden/rejection.py tests/golden/rejection.json

Needs scikit-learn >= 1.1.
"""

import json
import sys

import numpy as np
from sklearn.metrics import precision_recall_curve

FEWEST = 50  # answers that a threshold must leave


def case(name, images, classes, sharpness, digits, seed):
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(images, classes)) * sharpness
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = np.array([rng.choice(classes, p=row) for row in p])
    p = np.round(p, digits).astype(np.float32)  # equal ones among them
    right = p.argmax(axis=1) == labels
    sureness = p.max(axis=1)
    precision, _, thresholds = precision_recall_curve(right, sureness, drop_intermediate=False)
    curve = [{
        "threshold": float(t),
        "answers": int((sureness >= t).sum()),
        "precision": float(s)
    } for t, s in zip(thresholds, precision)]
    chosen = {}
    for wanted in (0.6, 0.8, 0.9, 0.95, 0.99, 1.0):
        fit = [c for c in curve if c["precision"] >= wanted and c["answers"] >= FEWEST]
        chosen[str(wanted)] = min(c["threshold"] for c in fit) if fit else None
    return {
        "name": name,
        "classes": classes,
        "probabilities": [round(float(v), 3) for v in p.ravel()],
        "labels": [int(v) for v in labels],
        "curve": curve[::-1],
        "chosen": chosen
    }


def main():
    cases = [
        case("ten classes", 300, 10, 3, 3, 1),
        case("two classes, many ties", 250, 2, 2, 1, 2),
        case("few images", 40, 3, 3, 3, 3),
        case("hardly any are sure", 120, 5, 0.5, 3, 4),
        case("most are sure", 400, 4, 6, 3, 5),
    ]
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        file.write("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")


main()
