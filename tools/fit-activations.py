#!/usr/bin/python3
"""Prints the coefficients of cpp/kernels/rows/activation.cpp and their errors. Needs numpy.

Both fits minimise the maximum relative error by Lawson's iteration: weighted least squares in
float64, where each point's weight grows with its error until all extrema are equal. A rational fit
is linearised with the denominator of the previous iteration. The coefficients are then rounded to
float32 one at a time, in order of their influence. After each rounding the others are fitted again
to compensate for it.
"""

import math

import numpy as np

POINTS = 3000
ROUNDS = 200


def interval(low, high):
    """Chebyshev points, rounded to float32 so that their squares are exact in float64."""
    angle = np.pi * (np.arange(POINTS) + 0.5) / POINTS
    points = np.float32((low + high) / 2 - (high - low) / 2 * np.cos(angle)).astype(np.float64)
    return np.unique(points[points != 0])


def lawson(columns, target, fixed, scale):
    """Coefficients that minimise max |scale(coefficients) * (columns @ coefficients - target)|.

    `fixed` maps indices of coefficients to prescribed values. `scale` returns the factors that turn
    residuals into relative errors.
    """
    free = [i for i in range(columns.shape[1]) if i not in fixed]
    coefficients = np.zeros(columns.shape[1])
    for i, value in fixed.items():
        coefficients[i] = value
    if not free:
        return coefficients
    rest = target - columns @ coefficients
    weight = np.ones(len(target))
    best, least = None, np.inf
    for _ in range(ROUNDS):
        factor = np.sqrt(weight) * scale(coefficients)
        matrix = columns[:, free] * factor[:, None]
        norms = np.linalg.norm(matrix, axis=0)
        coefficients[free] = np.linalg.lstsq(matrix / norms, rest * factor, rcond=None)[0] / norms
        error = np.abs(scale(coefficients) * (columns @ coefficients - target))
        if error.max() < least:
            best, least = coefficients.copy(), error.max()
        weight *= error
        weight /= weight.sum()
    return best


def fit(columns, target, fixed, scale):
    """Returns float32 coefficients, and the maximum relative errors before and after rounding."""
    fixed = dict(fixed)
    ideal = lawson(columns, target, fixed, scale)
    weights = np.abs(columns * ideal).max(axis=0)
    for i in np.argsort(-weights):
        if i not in fixed:
            fixed[i] = float(np.float32(lawson(columns, target, fixed, scale)[i]))
    rounded = lawson(columns, target, fixed, scale)
    error = lambda c: np.abs(scale(c) * (columns @ c - target)).max()
    return rounded, error(ideal), error(rounded)


def fit_exp(degree):
    """q in exp(r) = 1 + r + r^2 q(r), for |r| <= ln(2) / 2 plus some room for rounding."""
    r = interval(-0.3467, 0.3467)
    target = np.array([(math.expm1(v) - v) / v**2 if abs(v) > 1e-3
                       else 0.5 + v / 6 + v**2 / 24 + v**3 / 120 for v in r])
    columns = np.stack([r**i for i in range(degree + 1)], axis=1)
    # The error is relative to exp(r) - 1, which the hyperbolic tangent uses.
    factor = np.abs(r**2 / np.expm1(r))
    return fit(columns, target, {}, lambda c: factor)


def fit_tail(degree):
    """P and Q in Phi(-a) = exp(-a^2 / 2) P(a) / Q(a); Phi is the normal distribution function."""
    a = interval(0, 18.8)
    tail = np.array([math.exp(v * v / 2) * math.erfc(v / math.sqrt(2)) / 2 for v in a])
    powers = np.stack([a**i for i in range(degree + 2)], axis=1)
    columns = np.concatenate([powers[:, : degree + 1], -tail[:, None] * powers], axis=1)
    # P(0) / Q(0) must be exactly 1/2. These two values make the other coefficients round well.
    fixed = {0: 0.75, degree + 1: 1.5}
    factor = lambda c: 1 / np.abs(tail * (powers @ c[degree + 1 :]))
    return fit(columns, 0 * tail, fixed, factor)


def fit_log(degree):
    """p in log(1 + f) = f - f^2 / 2 + f^3 p(f), for 1 + f from sqrt(1/2) to sqrt(2)."""
    f = interval(math.sqrt(0.5) - 1, math.sqrt(2) - 1)
    target = np.array([(math.log1p(v) - v + v**2 / 2) / v**3 if abs(v) > 1e-3
                       else 1 / 3 - v / 4 + v**2 / 5 - v**3 / 6 for v in f])
    columns = np.stack([f**i for i in range(degree + 1)], axis=1)
    factor = np.abs(f**3 / np.log1p(f))
    return fit(columns, target, {}, lambda c: factor)


def fit_erf(degree):
    """p in erf(x) = x + x p(x^2), for |x| <= 1."""
    x = interval(0, 1)
    target = np.array([math.erf(v) / v - 1 for v in x])
    columns = np.stack([x ** (2 * i) for i in range(degree + 1)], axis=1)
    factor = np.abs(x / np.array([math.erf(v) for v in x]))
    return fit(columns, target, {}, lambda c: factor)


def show(name, coefficients):
    print(f"{name}: " + ", ".join(f"{c:.9g}f" for c in coefficients))


def main():
    degree = 4
    q, ideal, rounded = fit_exp(degree)
    print(f"exp(r) = 1 + r + r^2 q(r): relative error of exp(r) - 1 is "
          f"2^{math.log2(ideal):.2f}, rounded 2^{math.log2(rounded):.2f}")
    show("q, from r^0", q)
    ln2 = math.log(2)
    high = math.floor(ln2 * 2**16) / 2**16
    print(f"ln 2 = {high:.9g} + {np.float32(ln2 - high):.9g}, "
          f"1 / ln 2 = {np.float32(1 / ln2):.9g}")

    degree = 8
    p, ideal, rounded = fit_log(degree)
    print(f"log(1 + f) = f - f^2 / 2 + f^3 p(f): relative error is "
          f"2^{math.log2(ideal):.2f}, rounded 2^{math.log2(rounded):.2f}")
    show("p, from f^0", p)

    degree = 7
    p, ideal, rounded = fit_erf(degree)
    print(f"erf(x) = x + x p(x^2): relative error is "
          f"2^{math.log2(ideal):.2f}, rounded 2^{math.log2(rounded):.2f}")
    show("p, from x^0", p)

    degree = 4
    pq, ideal, rounded = fit_tail(degree)
    print(f"Phi(-a) = exp(-a^2 / 2) P(a) / Q(a): relative error is "
          f"2^{math.log2(ideal):.2f}, rounded 2^{math.log2(rounded):.2f}")
    show("P, from a^0", pq[: degree + 1])
    show("Q, from a^0", pq[degree + 1 :])


main()
