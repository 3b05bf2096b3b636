# SPDX-License-Identifier: GPL-2.0-or-later
"""From samples to the crosstalk index.

The index of a run is a figure of the disturbed victim divided by the same
figure of the victim alone, with the same seed.  Repeats give its mean and a
confidence interval (Student's t, 95 %).
"""

import math
from statistics import mean, stdev

P99_SAMPLES_MIN = 1000  # in each repeat; below, a 99th percentile says little

# 97.5th percentiles of Student's t distribution, by degrees of freedom.
T_975 = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
    2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
]  # fmt: skip
T_NORMAL = 1.960


def percentile(ordered, percent):
    """Nearest rank: the smallest value that @percent of all do not exceed."""
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def figures(samples_ns):
    """p50, p99 (None if there are too few samples) and max, in microseconds."""
    ordered = sorted(samples_ns)
    if not ordered:
        return None
    enough = len(ordered) >= P99_SAMPLES_MIN
    return {
        "p50": percentile(ordered, 50) / 1000,
        "p99": percentile(ordered, 99) / 1000 if enough else None,
        "max": ordered[-1] / 1000,
    }


def interval(values):
    """Mean and half the width of its 95 % interval; None for one value."""
    if len(values) < 2:
        return mean(values), None
    degrees = len(values) - 1
    t = T_975[degrees - 1] if degrees <= len(T_975) else T_NORMAL
    return mean(values), t * stdev(values) / math.sqrt(len(values))


def index(disturbed, alone):
    """The index of each figure that both have in every repeat.

    @disturbed, @alone: lists of figures(), repeat by repeat.
    """
    result = {}
    for key in ("p50", "p99", "max"):
        ratios = [
            d[key] / a[key]
            for d, a in zip(disturbed, alone)
            if d and a and d[key] is not None and a[key]
        ]
        if not ratios or len(ratios) < len(disturbed):
            result[key] = None
            continue
        average, half = interval(ratios)
        result[key] = {
            "mean": round(average, 4),
            "half_width_95": None if half is None else round(half, 4),
            "repeats": [round(r, 4) for r in ratios],
        }
    return result


def tail(index_of_pair):
    """What bounds are stated for: p99 where there is one, else max."""
    return "p99" if index_of_pair.get("p99") else "max"
