"""Writes tests/golden/candidates.json: what scikit-learn's ParameterSampler draws.

    python tools/golden/candidates.py tests/golden/candidates.json

numpy's own AVX-512 exp and log are switched off, so that loguniform goes through the C library's,
as on every other CPU and as in Tailor.
"""

import json
import os
import sys
import warnings

os.environ["NPY_DISABLE_CPU_FEATURES"] = "X86_V4 AVX512_ICL AVX512_SPR"

from scipy import stats
from sklearn.model_selection import ParameterSampler

DISTRIBUTIONS = {"uniform": stats.uniform, "loguniform": stats.loguniform, "randint": stats.randint}


def frozen(source):
    """{"uniform": [0, 1]} -> stats.uniform(0, 1); a list stays one."""
    if isinstance(source, list):
        return source
    (name, arguments), = source.items()
    return DISTRIBUTIONS[name](*arguments)


def plain(value):
    """numpy scalars as the Python numbers they hold."""
    return value.item() if hasattr(value, "item") else value


KERNELS_DROPOUT = {
    "model.kernels": [8, 16, 24, 32, 48],
    "model.dropout": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
}
MIXED = {"z": [1, 2.5, "relu", True, False, 0], "a": ["x"], "m": [1e-5, 3, "it's"]}
CONTINUOUS = {
    "train.lr": {"loguniform": [1e-4, 1e-1]},
    "model.dropout": {"uniform": [0.1, 0.5]},
    "model.kernels": {"randint": [8, 64]},
    "train.batch": [32, 64, 128],
}
LONG = {f"k{i}": list(range(100)) for i in range(3)}  # 10^6 points: tracking selection
HUGE = {f"k{i:02}": list(range(10)) for i in range(18)}  # 10^18 points
TINY = {"model.kernels": [1, 2], "train.epochs": [3, 4, 5]}
NO_WIDTH = {"u": {"uniform": [0.25, 0.0]}, "v": {"uniform": [-3.0, 7.5]}}
INTEGERS = {"i": {"randint": [-5, 6]}, "j": {"randint": [3, 4]}, "k": {"randint": [0, 2**40]}}
WIDE_INTEGERS = {"i": {"randint": [0, 2**32]}, "j": {"randint": [-(2**62), 2**62]}}
RATE = {"train.lr": {"loguniform": [1e-4, 1.0]}}

CASES = [
    ("lists, permutation", [KERNELS_DROPOUT], 10, range(6)),
    ("lists, almost all of the grid", [KERNELS_DROPOUT], 29, [0, 7]),
    ("lists, all of the grid", [KERNELS_DROPOUT], 30, [0, 7]),
    ("lists, more than the grid", [KERNELS_DROPOUT], 31, [0]),
    ("one point", [{"a": ["only"]}], 1, [3]),
    ("one point, more wanted", [{"a": ["only"], "b": [1]}], 5, [3]),
    ("mixed types", [MIXED], 9, range(4)),
    ("reservoir", [{"a": list(range(30)), "b": list(range(10))}], 298, [5]),
    ("exactly one per cent", [{"a": list(range(30)), "b": list(range(10))}], 3, [5]),
    ("just over one per cent", [{"a": list(range(30)), "b": list(range(10))}], 4, [5]),
    ("million points", [LONG], 12, [0, 1, 2**32 - 1]),
    ("more points than 32 bits hold", [HUGE], 8, [0, 1, 42]),
    ("two grids", [KERNELS_DROPOUT, TINY], 12, range(3)),
    ("two grids and an empty one", [{"a": [1, 2]}, {}, {"b": [0.5, "c"]}], 4, range(3)),
    ("distributions", [CONTINUOUS], 10, range(6)),
    ("uniform", [{"u": {"uniform": [0.2, 0.6]}}], 20, range(4)),
    ("uniform without width", [NO_WIDTH], 4, [1]),
    ("loguniform", [{"l": {"loguniform": [1e-6, 3.0]}}], 40, range(4)),
    ("randint", [INTEGERS], 8, range(3)),
    ("randint at its limits", [WIDE_INTEGERS], 4, range(3)),
    ("list and distribution of mixed types", [dict(MIXED, u={"uniform": [0, 1]})], 6, range(3)),
    ("several spaces, one with a distribution", [KERNELS_DROPOUT, RATE, {}], 12, range(4)),
]


def main(path):
    lines = []
    for name, spaces, n_iter, seeds in CASES:
        for seed in seeds:
            live = [{key: frozen(source) for key, source in space.items()} for space in spaces]
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                drawn = list(ParameterSampler(live, n_iter, random_state=seed))
            candidates = [{key: plain(value) for key, value in one.items()} for one in drawn]
            case = {
                "name": f"{name}, seed {seed}",
                "spaces": spaces,
                "n_iter": n_iter,
                "random_state": seed,
                "warning": str(caught[0].message) if caught else "",
                "candidates": candidates,
            }
            lines.append(json.dumps(case, separators=(",", ":")))
    with open(path, "w") as out:
        out.write("[\n" + ",\n".join(lines) + "\n]\n")


main(sys.argv[1])
