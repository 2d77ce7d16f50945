"""Writes tests/golden/numpy_generator.txt: draws of numpy.random.default_rng, one a line, in order.

    python tools/golden/numpy_generator.py > tests/golden/numpy_generator.txt

Lines: "seed S" starts a new generator; "bits TEXT" are integers(2, dtype=uint32) in a row; "raw
VALUE" is the bit generator's next word of 64 bits. The bits are even in number, so that no half of
a word is left over.
"""

import numpy as np

for seed in (0, 1, 42, 2**31, 2**32 - 1):
    random = np.random.default_rng(seed)
    print("seed", seed)
    for count in (2, 64):
        print("raw", random.bit_generator.random_raw())
        print("bits", "".join(map(str, random.integers(2, size=count, dtype=np.uint32))))
