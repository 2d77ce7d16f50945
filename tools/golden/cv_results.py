"""Writes tests/golden/cv_results.json: fold results of real RandomizedSearchCV runs, and of some of
GridSearchCV, whose n_iter is 0 below, and the table
pandas.DataFrame(search.cv_results_).to_csv(index=False) makes of them.

    python tools/golden/cv_results.py tests/golden/cv_results.json

The estimator only pretends: its scores are drawn from a hash of its parameters and its rows, and a
clock that only pretends makes the times. Drawn floats are written into `params` as plain Python
numbers (numpy 2 prints them as np.float64(0.5)).
"""

import json
import os
import sys
import warnings
import zlib

os.environ["NPY_DISABLE_CPU_FEATURES"] = "X86_V4 AVX512_ICL AVX512_SPR"

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV, _search, _validation


class Clock:
    """time.time() that goes on by a drawn step at every look."""

    def __init__(self):
        self.random, self.now = np.random.RandomState(1), 100.0

    def time(self):
        self.now += self.random.uniform(0, 3)
        return self.now


class Pretender(ClassifierMixin, BaseEstimator):
    """Takes any parameter; `mode` says how it scores."""

    mode = "random"

    def __init__(self, **params):
        self.params = params

    def get_params(self, deep=True):
        return dict(self.params)

    def set_params(self, **params):
        self.params.update(params)
        return self

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.seed = zlib.crc32(repr(sorted(map(str, self.params.values()))).encode())
        fails = {"some fail": self.seed % 3 == 0, "one fold fails": X[0, 0] != 0}
        if fails.get(self.mode, False):
            raise ValueError("the loss is no number")
        return self

    def score(self, X, y):
        random = np.random.RandomState((self.seed + zlib.crc32(X.tobytes())) % 2**32)
        if self.mode == "ties":
            return random.randint(0, 2) / 4
        if self.mode == "nan":
            return float("nan")
        if self.mode == "some nan":
            return float("nan") if self.seed % 2 else random.uniform()
        if self.mode == "small":
            return 10.0 ** random.uniform(-9, 18)
        return random.uniform()


GRID = {"model.kernels": [8, 16, 24, 32], "model.dropout": [0.1, 0.25, 1 / 3, 0.5]}
MIXED = {
    "number": [1, 2.5, True],
    "text": ["a,b", 'say "x"', "it's", "plain"],
    "both": [1, "two", 3.0, False],
    "flag": [True, False],
}
RANGES = {
    "lr": stats.loguniform(1e-6, 1e-1),
    "rate": stats.uniform(0, 1),
    "kernels": stats.randint(8, 64),
    "batch": [32, 64],
}
SPACES = [
    {"kernels": [8, 16], "flag": [True, False]},
    {"dropout": [0.25, 1], "name": ["sgd", "adam"], "kernels": [3]},
    {"name": [1], "big": [2**60]},
]
LISTED = [{"kernels": [8, 16], "flag": [True]}, {"lr": stats.uniform(0, 1), "batch": [32]}]

CASES = [(f"{folds} folds", GRID, 6, folds, "random", np.nan, True) for folds in range(2, 11)]
CASES += [
    ("nineteen folds", GRID, 4, 19, "random", np.nan, False),
    ("many candidates", GRID, 16, 3, "random", np.nan, False),
    ("small and large scores", GRID, 8, 9, "small", np.nan, True),
    ("ties", GRID, 12, 2, "ties", np.nan, False),
    ("some fits fail", GRID, 9, 3, "some fail", np.nan, True),
    ("some fits fail and count a quarter", GRID, 9, 3, "some fail", 0.25, True),
    ("one fold fails everywhere but in one place", GRID, 4, 3, "one fold fails", np.nan, False),
    ("no score is a number", GRID, 4, 3, "nan", np.nan, False),
    ("some scores are no numbers", GRID, 10, 4, "some nan", np.nan, True),
    ("mixed types", MIXED, 14, 3, "random", np.nan, False),
    ("ranges", RANGES, 8, 5, "random", np.nan, False),
    ("several grids, masked", SPACES, 8, 3, "random", np.nan, False),
    ("several spaces, masked", LISTED, 8, 3, "random", np.nan, True),
    ("a whole grid", GRID, 0, 3, "random", np.nan, True),
    ("several whole grids, masked", SPACES, 0, 2, "ties", np.nan, False),
]


def plain(value):
    return value.item() if hasattr(value, "item") else value


def run(name, space, n_iter, folds, mode, error_score, train_scores):
    outcomes = []
    original = _validation._fit_and_score

    def recorded(*args, **kwargs):
        outcomes.append(original(*args, **kwargs))
        return outcomes[-1]

    _search._fit_and_score, _validation.time, Pretender.mode = recorded, Clock(), mode
    X, y = np.arange(80.0).reshape(40, 2), np.tile([0, 1], 20)
    common = {"cv": folds, "refit": False, "error_score": error_score,
              "return_train_score": train_scores}
    if n_iter == 0:
        search = GridSearchCV(Pretender(), space, **common)
    else:
        search = RandomizedSearchCV(Pretender(), space, n_iter=n_iter, random_state=3, **common)
    search.fit(X, y)
    table = search.cv_results_
    table["params"] = [{k: plain(v) for k, v in one.items()} for one in table["params"]]
    results = []
    for index, outcome in enumerate(outcomes):
        failed = outcome["fit_error"] is not None
        result = {"candidate": index // folds, "fold": index % folds,
                  "test_score": error_score if failed else outcome["test_scores"],
                  "fit_seconds": outcome["fit_time"], "score_seconds": outcome["score_time"],
                  "error": "the loss is no number" if failed else ""}
        if train_scores and not failed:
            result["train_score"] = outcome["train_scores"]
        results.append({key: None if value != value else value for key, value in result.items()})
    spaces = space if isinstance(space, list) else [space]
    lists_only = not any(hasattr(v, "rvs") for one in spaces for v in one.values())
    return {
        "name": name, "folds": folds, "candidates": table["params"], "train_scores": train_scores,
        "params_descending": lists_only and n_iter > 0,
        "results": results, "best_index": int(table["rank_test_score"].argmin()),
        "csv": pd.DataFrame(table).to_csv(index=False),
    }


def main(path):
    warnings.simplefilter("ignore")
    lines = [json.dumps(run(*case), separators=(",", ":")) for case in CASES]
    with open(path, "w") as out:
        out.write("[\n" + ",\n".join(lines) + "\n]\n")


main(sys.argv[1])
