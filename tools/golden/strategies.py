"""Writes tests/golden/strategies.json: scikit-learn's grids and scipy's Sobol points.

    python tools/golden/strategies.py tests/golden/strategies.json      needs scikit-learn, scipy

"grids" are list(ParameterGrid(spaces)). "points" are qmc.Sobol(d, seed=seed).random(n), as whole
numbers of 2^-30, in which they are exact. "sobol" are such points taken through ppf() of the
distributions of a space, parameter by parameter in sorted order; a list counts as
randint(0, its length). numpy's own AVX-512 exp and log are switched off, as in candidates.py.
"""

import json
import os
import sys
import warnings

os.environ["NPY_DISABLE_CPU_FEATURES"] = "X86_V4 AVX512_ICL AVX512_SPR"

from scipy import stats
from scipy.stats import qmc
from sklearn.model_selection import ParameterGrid

SEEDS = [0, 1, 42, 2**32 - 1]
GRIDS = [
    [{"model.kernels": [8, 16, 24], "model.dropout": [0.5, 0.1]}],
    [{"z": [1, 2.5, "relu", True, False, 0], "a": ["x"], "m": [1e-5, 3, "it's"]}],
    [{"a": ["only"]}],
    [{"k2": [3, 1, 2], "k10": [1, 1], "K": [False, True]}],
    [{"b": [1, 2], "a": [3, 4]}, {"c": [5]}, {"a": [6, 7]}],
]
POINTS = [(1, 64, SEEDS), (2, 300, [0, 7]), (5, 16, SEEDS), (21, 8, SEEDS), (64, 9, [0, 7])]
SPACES = [
    ({"u": {"uniform": [0.2, 0.6]}}, 64),
    ({"l": {"loguniform": [1e-6, 3.0]}}, 64),
    ({"i": {"randint": [-5, 6]}, "j": {"randint": [3, 4]}, "k": {"randint": [0, 2**40]}}, 16),
    ({"i": {"randint": [0, 3]}, "c": [1, 2.5, "relu", True], "d": [7]}, 50),
    ({"train.lr": {"loguniform": [1e-4, 1e-1]}, "model.dropout": {"uniform": [0.1, 0.5]},
      "model.kernels": {"randint": [8, 64]}, "train.batch": [32, 64, 128]}, 16),
]


def frozen(source):
    if isinstance(source, list):
        return stats.randint(0, len(source))
    (name, arguments), = source.items()
    return getattr(stats, name)(*arguments)


def value_at(source, share):
    value = frozen(source).ppf(share).item()
    if isinstance(source, list):
        return source[int(value)]
    return int(value) if "randint" in source else value


def points_of(d, n, seed):
    return qmc.Sobol(d, seed=seed).random(n).tolist()


def sobol_case(space, n, seed):
    keys = sorted(space)
    candidates = [{key: value_at(space[key], share) for key, share in zip(keys, point)}
                  for point in points_of(len(keys), n, seed)]
    return {"space": space, "n_iter": n, "random_state": seed, "candidates": candidates}


def whole(share):
    scaled = share * 2**30
    assert scaled == int(scaled)
    return int(scaled)


def points_case(d, n, seed):
    points = [[whole(share) for share in point] for point in points_of(d, n, seed)]
    return {"dimensions": d, "random_state": seed, "points": points}


def main(path):
    warnings.simplefilter("ignore")  # of n that are no powers of two
    groups = {
        "grids": [{"spaces": spaces, "candidates": list(ParameterGrid(spaces))}
                  for spaces in GRIDS],
        "points": [points_case(d, n, seed) for d, n, seeds in POINTS for seed in seeds],
        "sobol": [sobol_case(space, n, seed) for space, n in SPACES for seed in SEEDS],
    }
    texts = []
    for name, cases in groups.items():
        lines = [json.dumps(case, separators=(",", ":")) for case in cases]
        texts.append(f'"{name}":[\n' + ",\n".join(lines) + "\n]")
    with open(path, "w") as out:
        out.write("{\n" + ",\n".join(texts) + "\n}\n")


main(sys.argv[1])
