"""Writes tests/golden/numpy_random.txt: draws of numpy.random.RandomState, one a line, in order.

    python tools/golden/numpy_random.py > tests/golden/numpy_random.txt

Lines: "seed S" starts a new RandomState; "randint LOW HIGH VALUE"; "random_sample VALUE" and
"uniform LOW HIGH VALUE" (hexadecimal floats); "shuffle N VALUES..." of arange(N).
"""

import numpy as np

RANGES = [
    (0, 1),
    (0, 2),
    (0, 3),
    (5, 6),
    (-3, 4),
    (0, 16),
    (0, 17),
    (0, 1000),
    (0, 2**32 - 1),
    (0, 2**32),
    (0, 2**32 + 1),
    (0, 2**40),
    (-5, 2**50 + 12345),
    (-(2**63), 2**63 - 1),
    (0, 2**63 - 1),
]

for seed in (0, 42, 2**32 - 1):
    random = np.random.RandomState(seed)
    print("seed", seed)
    for repeat in range(4):
        for low, high in RANGES:
            print("randint", low, high, random.randint(low, high))
        print("random_sample", random.random_sample().hex())
        print("uniform", -2.5, 1000.0, random.uniform(-2.5, 1000.0).hex())
    for n in (0, 1, 2, 10, 700):
        values = np.arange(n)
        random.shuffle(values)
        print("shuffle", n, *values)
    print("random_sample", random.random_sample().hex())
