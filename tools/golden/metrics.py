"""Writes tests/golden/metrics.json: what scikit-learn's metrics and scipy's Wilson interval say of
some predictions.

    python tools/golden/metrics.py tests/golden/metrics.json          needs scikit-learn, scipy
"""

import json
import sys

import numpy as np
from scipy.stats import binomtest
from sklearn import metrics


def softmax(logits):
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (shifted / shifted.sum(axis=1, keepdims=True)).astype(np.float32)


def expected(probabilities, labels):
    classes = probabilities.shape[1]
    names = list(range(classes))
    predicted = probabilities.argmax(axis=1)
    hits = int((predicted == labels).sum())
    interval = binomtest(hits, len(labels)).proportion_ci(0.95, "wilson")
    scores = metrics.precision_recall_fscore_support(labels,
                                                     predicted,
                                                     labels=names,
                                                     zero_division=0)
    macro = metrics.precision_recall_fscore_support(labels,
                                                    predicted,
                                                    zero_division=0,
                                                    average="macro")
    one_hot = np.eye(classes)[labels]
    clipped = np.clip(probabilities,
                      np.finfo(np.float32).eps, 1 - np.finfo(np.float32).eps).astype(np.float64)
    return {
        "accuracy":
            metrics.accuracy_score(labels, predicted),
        "loss":
            -(one_hot * np.log(clipped)).sum(axis=1).mean(),
        "top2":
            float(
                np.mean([label in row.argsort()[-2:] for label, row in zip(labels, probabilities)])
            ),
        "interval": [interval.low, interval.high],
        "confusion":
            metrics.confusion_matrix(labels, predicted, labels=names).tolist(),
        "precision":
            scores[0].tolist(),
        "recall":
            scores[1].tolist(),
        "f1":
            scores[2].tolist(),
        "support":
            scores[3].tolist(),
        "macro":
            list(macro[:3]),
    }


def cases():
    rng = np.random.default_rng(7)

    def guesses(n, classes, skill, labels):
        logits = rng.normal(size=(n, classes))
        logits[np.arange(n), labels] += skill
        return softmax(logits)

    labels = rng.integers(0, 10, 150)
    yield "ten classes", guesses(150, 10, 2, labels), labels
    labels = rng.choice([0, 2, 3], 40)
    yield "class 1 never occurs", guesses(40, 4, 1, labels), labels
    labels = rng.integers(0, 3, 30)
    never = guesses(30, 3, 1, labels)
    never[:, 2] = 0
    yield "class 2 is never predicted and has probability 0", never, labels
    labels = rng.integers(0, 5, 20)
    yield "all right and certain", np.eye(5, dtype=np.float32)[labels], labels
    yield "all wrong", softmax(-20 * np.eye(5)[labels] + rng.normal(size=(20, 5))), labels
    labels = rng.integers(0, 2, 25)
    yield "two classes", guesses(25, 2, 0.5, labels), labels
    yield "one image", softmax(rng.normal(size=(1, 3))), np.array([1])
    labels = rng.choice([0, 1, 3], 20)
    yield "all right, one class never seen", np.eye(4, dtype=np.float32)[labels], labels
    labels = rng.choice([1, 4], 30)
    unseen = guesses(30, 6, 1, labels)
    unseen[:, [0, 5]] = 0
    yield "two classes neither occur nor are predicted", unseen, labels


def main():
    out = [{
        "name": name, "classes": p.shape[1], "probabilities": [float(x) for x in p.ravel()],
        "labels": labels.tolist(), "expected": expected(p, labels)
    } for name, p, labels in cases()]
    for case in out:  # the loss again, by scikit-learn where it has every class
        p = np.array(case["probabilities"], dtype=np.float32).reshape(-1, case["classes"])
        loss = metrics.log_loss(case["labels"], p, labels=range(case["classes"]))
        assert abs(loss - case["expected"]["loss"]) < 1e-6 * max(1, loss), case["name"]
    with open(sys.argv[1], "w") as file:
        json.dump(out, file, indent=None, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
