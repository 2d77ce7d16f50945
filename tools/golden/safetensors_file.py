"""Writes tests/golden/from_python.safetensors with the Python package safetensors.

    python tools/golden/safetensors_file.py tests/golden/from_python.safetensors

With a second argument, checks that a file Tailor wrote loads and prints what is in it.
"""

import sys

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

if len(sys.argv) == 2:
    save_file(
        {
            "conv.weight": np.arange(6, dtype=np.float32).reshape(2, 3) / 4,
            "counts": np.array([-1, 2**40], dtype=np.int64),
            "half": np.array([1.0, -2.0, 0.5], dtype=np.float16),
            "mask": np.array([True, False, True]),
            "nothing": np.zeros((0, 3), dtype=np.float32),
            "scalar": np.array(2.5, dtype=np.float64),
            "pixels": np.arange(5, dtype=np.uint8),
        },
        sys.argv[1],
        metadata={"made by": "Python", "quote": "\"'\n\u00e9"},
    )
else:
    with safe_open(sys.argv[2], "np") as file:
        print(file.metadata())
        for name in file.keys():
            tensor = file.get_tensor(name)
            print(name, tensor.dtype, tensor.shape, tensor.ravel().tolist()[:8])
