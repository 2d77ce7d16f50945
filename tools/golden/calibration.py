"""Writes tests/golden/calibration.json: what scikit-learn, netcal and scipy say of how well some
probabilities are meant.

    python tools/golden/calibration.py tests/golden/calibration.json

Needs scikit-learn >= 1.7, netcal, scipy.
"""

import json
import sys

import numpy as np
from netcal.metrics import ECE
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.metrics import accuracy_score, brier_score_loss, log_loss

SMALLEST = np.finfo(np.float32).eps  # what a probability of 0 counts as


def scaled(p, temperature):
    return softmax(np.log(np.maximum(p.astype(np.float64), SMALLEST)) / temperature, axis=1)


def best_temperature(p, labels):
    logits = np.log(np.maximum(p.astype(np.float64), SMALLEST))

    def loss(log_t):
        return -log_softmax(logits / np.exp(log_t), axis=1)[np.arange(len(labels)), labels].mean()

    bound = np.log(20)
    return float(
        np.exp(
            minimize_scalar(loss,
                            bounds=(-bound, bound),
                            method="bounded",
                            options={"xatol": 1e-12}).x))


def measures(p, labels):
    names = list(range(p.shape[1]))
    clipped = np.clip(p, SMALLEST, 1 - SMALLEST).astype(np.float64)
    nll = -np.log(clipped[np.arange(len(labels)), labels]).mean()
    assert abs(nll - log_loss(labels, p, labels=names)) < 1e-6
    return {
        "accuracy":
            accuracy_score(labels, p.argmax(axis=1)),
        "nll":
            nll,
        "brier":
            brier_score_loss(labels, p.astype(np.float64), labels=names, scale_by_half=False),
        # netcal takes two columns for two classes too, if asked for the winner's confidence itself.
        "ece":
            float(ECE(15).measure(p.max(axis=1), (p.argmax(axis=1) == labels).astype(int)))
            if p.shape[1] == 2 else float(ECE(15).measure(p, labels)),
    }


def cases():
    rng = np.random.default_rng(11)

    def made(name, n, classes, skill, sharpness):
        labels = np.concatenate([np.arange(classes), rng.integers(0, classes, n - classes)])
        logits = rng.normal(size=(n, classes))
        logits[np.arange(n), labels] += skill
        return name, softmax(sharpness * logits, axis=1).astype(np.float32), labels

    yield made("ten classes, too sure", 300, 10, 2, 3)
    yield made("ten classes, too timid", 300, 10, 3, 0.3)
    yield made("two classes", 100, 2, 1, 1.5)
    name, p, labels = made("three classes, some probabilities 0", 120, 3, 1.5, 2)
    p[p < 0.02] = 0
    yield name, (p / p.sum(axis=1, keepdims=True)).astype(np.float32), labels


def main():
    out = []
    for name, p, labels in cases():
        t = best_temperature(p, labels)
        out.append({
            "name": name, "classes": p.shape[1],
            "probabilities": [float(np.format_float_positional(x)) for x in p.ravel()],
            "labels": labels.tolist(), "before": measures(p, labels), "temperature": t,
            "after": measures(scaled(p, t), labels)
        })
    with open(sys.argv[1], "w") as file:
        json.dump(out, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
