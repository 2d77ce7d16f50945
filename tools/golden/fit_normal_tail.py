"""Fits the polynomial of normal() in tailor/ops/own/activation_formulas.hpp.

Prints coefficients and errors.

    python tools/golden/fit_normal_tail.py          needs numpy

With t = 1 / (1 + P a), the share of the normal distribution beyond a is e^(-a^2 / 2) t Q(t). Q is
fitted to the smallest largest relative error (Lawson's reweighted least squares) for a up to 13.2,
where e^(-a^2 / 2) leaves the normal floats.
"""

import math

import numpy as np

P = 0.36
DEGREE = 8
LARGEST = 13.2


def scaled_tail(a):
    return 0.5 * math.erfc(a / math.sqrt(2)) * math.exp(a * a / 2)


def fit():
    points = 400
    least = 1 / (1 + P * LARGEST)
    nodes = np.cos(np.pi * (np.arange(points) + 0.5) / points)
    t = (1 + least) / 2 + (1 - least) / 2 * nodes
    wanted = np.array([scaled_tail(a) for a in (1 / t - 1) / P]) / t
    powers = np.vander(t, DEGREE + 1)
    weights = np.ones(points)
    for _ in range(200):
        scale = np.sqrt(weights) / wanted
        coefficients = np.linalg.lstsq(powers * scale[:, None], wanted * scale, rcond=None)[0]
        error = np.abs(powers @ coefficients / wanted - 1)
        weights = weights * error / (weights * error).sum()
    return coefficients, error.max()


def error_in_floats(coefficients):
    a = np.linspace(0, LARGEST, 4001).astype(np.float32)
    t = np.float32(1) / (np.float32(1) + np.float32(P) * a)
    q = np.full_like(t, coefficients[0])
    for c in coefficients[1:]:
        q = q * t + c
    wanted = np.array([scaled_tail(float(v)) for v in a])
    return np.abs(t.astype(float) * q / wanted - 1).max()


def main():
    exact, error = fit()
    coefficients = exact.astype(np.float32)
    for c in coefficients:
        print(float(c))
    print(f"relative error {error:.2e}, evaluated in floats {error_in_floats(coefficients):.2e}")


if __name__ == "__main__":
    main()
