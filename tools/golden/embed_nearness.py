"""Writes tests/golden/embed_nearness.json: scikit-learn's PCA, nearest neighbours and figures of a
map.

    python tools/golden/embed_nearness.py tests/golden/embed_nearness.json
"""

import json
import sys
from collections import Counter

import numpy as np
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness
from sklearn.neighbors import NearestNeighbors


def clusters(points, values, seed):
    """Three overlapping classes, as floats that print shortly, and their labels."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, points)
    spread = np.linspace(3, 0.2, values)
    data = rng.normal(size=(points, values)) * spread + 2 * np.eye(3, values)[labels]
    return np.round(data * 64) / 64, labels


def pca_case(points, values, components, seed):
    data, _ = clusters(points, values, seed)
    pca = PCA(components, svd_solver="full").fit(data)
    signs = np.sign([row[np.abs(row).argmax()] for row in pca.components_])
    return {
        "points": points,
        "values": values,
        "data": data.ravel().tolist(),
        "mean": pca.mean_.tolist(),
        "variance": pca.explained_variance_.tolist(),
        "directions": (pca.components_ * signs[:, None]).ravel().tolist(),
        "projected": (pca.transform(data) * signs).ravel().tolist(),
    }


def neighbours(data, k):
    return NearestNeighbors(n_neighbors=k, algorithm="brute").fit(data).kneighbors()[1]


def majority_share(indices, labels):
    """Votes that tie go to the label that comes first, as Counter's do."""
    return np.mean([Counter(labels[row]).most_common(1)[0][0] == own
                    for row, own in zip(indices, labels)])


def map_case(points, values, dimensions, seed):
    data, labels = clusters(points, values, seed)
    rng = np.random.default_rng(seed + 100)
    plane = np.round((data[:, :dimensions] + rng.normal(size=(points, dimensions))) * 64) / 64
    k = min(10, points - 1)
    in_space, on_map = neighbours(data, k), neighbours(plane, k)
    kept = np.mean([len(set(a) & set(b)) / k for a, b in zip(in_space, on_map)])
    return {
        "points": points,
        "dimensions": dimensions,
        "data": data.ravel().tolist(),
        "map": plane.ravel().tolist(),
        "labels": labels.tolist(),
        "trustworthiness": trustworthiness(data, plane, n_neighbors=min(k, (points - 1) // 2)),
        "kept_neighbours": kept,
        "map_accuracy": majority_share(on_map, labels),
        "space_accuracy": majority_share(in_space, labels),
    }


golden = {
    "pca": [pca_case(70, 9, 9, 1), pca_case(60, 12, 4, 2), pca_case(9, 31, 5, 3)],
    "maps": [map_case(90, 6, 2, 4), map_case(60, 5, 3, 5), map_case(12, 4, 2, 6)],
}
with open(sys.argv[1], "w") as file:
    json.dump(golden, file, indent=None, separators=(",", ":"))
    file.write("\n")
