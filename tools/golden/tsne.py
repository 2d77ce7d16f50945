"""Writes tests/golden/tsne.json: who attracts whom, and by how much, as openTSNE says for a small
set of points.

    python tools/golden/tsne.py tests/golden/tsne.json          needs openTSNE, scikit-learn
"""

import json
import sys

import numpy as np
from openTSNE.affinity import PerplexityBasedNN
from openTSNE.nearest_neighbors import PrecomputedNeighbors
from sklearn.neighbors import NearestNeighbors

POINTS, NEIGHBOURS, PERPLEXITY = 40, 12, 4

points = np.random.default_rng(1).normal(size=(POINTS, 3)).astype(np.float32)
points[7] = points[31]  # a pair at distance 0
points[20] *= 10  # and one far from all
# Each point's others.
distance, index = NearestNeighbors(n_neighbors=NEIGHBOURS).fit(points).kneighbors()
distance = distance.astype(np.float32)

affinities = PerplexityBasedNN(knn_index=PrecomputedNeighbors(index, distance.astype(np.float64)),
                               perplexity=PERPLEXITY)
with open(sys.argv[1], "w") as file:
    json.dump(
        {
            "k": NEIGHBOURS,
            "perplexity": PERPLEXITY,
            "index": index.ravel().tolist(),
            "distance": [float(d) for d in distance.ravel()],
            "p": affinities.P.toarray().ravel().tolist(),
        },
        file,
    )
    file.write("\n")
