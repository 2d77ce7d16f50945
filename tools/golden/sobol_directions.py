"""Prints the rows of the table in tailor/search/sobol_directions.cpp.

    python tools/golden/sobol_directions.py 64

The numbers are those that Joe and Kuo published as new-joe-kuo-6.21201; scipy carries a copy, from
which they are read here. The first dimension, whose numbers are all 1, is not in their list; as a
row it is the "polynomial" x with the number 1, from which the recurrence makes nothing but ones.
"""

import sys
from importlib.resources import files

import numpy as np

table = np.load(files("scipy.stats").joinpath("_sobol_direction_numbers.npz"))
for polynomial, numbers in list(zip(table["poly"], table["vinit"]))[: int(sys.argv[1])]:
    polynomial = max(int(polynomial), 2)
    degree = polynomial.bit_length() - 1
    first = ", ".join(str(number) for number in numbers[:degree])
    print(f"    {{{degree}, {polynomial}, {{{first}}}}},")
