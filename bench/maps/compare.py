#!/usr/bin/env python3
"""Maps of Fashion-MNIST by Tailor, openTSNE and umap-learn, alternating in one run: wall time of
each and figures of quality measured by scikit-learn, the same for all.

    bench/maps/compare.py [--points 70000] [--rounds 3] [--threads 2] [--peers opentsne,umap]

Time is from raw pixels in memory (Tailor: what `data embed` reports as components + neighbours +
t-SNE; openTSNE and UMAP: fit on 50 principal components plus the components themselves) to
coordinates. Needs a build and, in a virtual environment, bench/maps/requirements.txt.
"""

import argparse
import gzip
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
DATA = Path("/usr/share/datasets/fashion-mnist")


def read(name):
    path = DATA / name
    opener = open if path.exists() else lambda p, mode: gzip.open(str(p) + ".gz", mode)
    with opener(path, "rb") as file:
        return file.read()


def images():
    pixels = [
        np.frombuffer(read(f"{s}-images-idx3-ubyte"), np.uint8, offset=16).reshape(-1, 784)
        for s in ("train", "t10k")
    ]
    labels = [
        np.frombuffer(read(f"{s}-labels-idx1-ubyte"), np.uint8, offset=8) for s in ("train", "t10k")
    ]
    return np.concatenate(pixels), np.concatenate(labels)


def tailor(args, order):
    with tempfile.TemporaryDirectory() as folder:
        command = [args.tailor, "data", "embed", "--json", "--formats", "npy,csv", "--out", folder]
        command += ["--threads", str(args.threads), "--limit", str(args.points)]
        start = time.monotonic()
        process = subprocess.Popen(command,
                                   stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL,
                                   text=True)
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
        if status != 0:
            sys.exit("tailor failed")
        memory = usage.ru_maxrss / 1024
        report = json.loads(output)["maps"][0]
        table = np.genfromtxt(f"{folder}/coordinates.csv",
                              delimiter=",",
                              skip_header=1,
                              usecols=(1,),
                              dtype=int)
        splits = np.genfromtxt(f"{folder}/coordinates.csv",
                               delimiter=",",
                               skip_header=1,
                               usecols=(0,),
                               dtype=str)
        order[:] = list(table + np.where(splits == "test", 60000, 0))
        s = report["seconds"]
        return s["all"] - s["quality"], np.load(f"{folder}/raw_pixels_map.npy"), {
            "wall": wall, "MiB": memory
        } | report


def opentsne(args, pixels):
    import openTSNE
    from sklearn.decomposition import PCA

    start = time.monotonic()
    space = PCA(50, random_state=1).fit_transform(pixels.astype(np.float32))
    embedding = openTSNE.TSNE(n_jobs=args.threads, random_state=1).fit(space)
    return time.monotonic() - start, np.asarray(embedding), {}


def umap(args, pixels):
    import umap as package
    from sklearn.decomposition import PCA

    start = time.monotonic()
    space = PCA(50, random_state=1).fit_transform(pixels.astype(np.float32))
    embedding = package.UMAP(n_jobs=args.threads).fit_transform(space)
    return time.monotonic() - start, embedding, {}


def trustworthiness(space, plane, k=10, rows=5000):
    """scikit-learn's formula on random rows, exact ranks among all points."""
    n = len(space)
    chosen = np.random.default_rng(0).choice(n, min(rows, n), replace=False)
    norm = (space**2).sum(1)
    norm_plane = (plane**2).sum(1)
    total = 0
    for first in range(0, len(chosen), 250):
        part = chosen[first:first + 250]
        far = norm - 2 * space[part] @ space.T
        near = norm_plane - 2 * plane[part] @ plane.T
        far[np.arange(len(part)), part] = near[np.arange(len(part)), part] = -np.inf
        neighbours = np.argpartition(near, k + 1, axis=1)[:, :k + 1]
        for row, members in enumerate(neighbours):
            members = members[members != part[row]][:k]
            ranks = (far[row] < far[row, members][:, None]).sum(1)
            total += np.maximum(0, ranks - k).sum()
    return 1 - 2 / (len(chosen) * k * (2 * n - 3 * k - 1)) * total


def trustworthiness_within(space, plane, rows=5000):
    """scikit-learn's own function on a sample alone: neighbours and ranks among those rows only."""
    from sklearn.manifold import trustworthiness as measure

    chosen = np.random.default_rng(0).choice(len(space), min(rows, len(space)), replace=False)
    return measure(space[chosen], plane[chosen], n_neighbors=10)


def vote(plane, labels, k=10):
    from sklearn.neighbors import NearestNeighbors

    index = NearestNeighbors(n_neighbors=k + 1).fit(plane).kneighbors(plane,
                                                                      return_distance=False)[:, 1:]
    counts = np.stack([(labels[index] == c).sum(1) for c in range(10)], 1)
    return (counts.argmax(1) == labels).mean()


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=70000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--peers", default="opentsne,umap")
    parser.add_argument("--tailor",
                        default=os.environ.get("TAILOR", str(ROOT / "build/release/tailor")))
    args = parser.parse_args()
    for variable in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[variable] = str(args.threads)
    pixels, labels = images()
    order = []
    peers = [name for name in args.peers.split(",") if name]
    times = {name: [] for name in ["tailor", *peers]}
    last = {}
    for round_number in range(args.rounds):
        for name in times:
            if name == "tailor":
                seconds, plane, more = tailor(args, order)
            else:
                rows = np.asarray(order)
                seconds, plane, more = globals()[name](args, pixels[rows])
            times[name].append(seconds)
            last[name] = (plane.astype(np.float64), more)
            print(f"round {round_number + 1} {name:9} {seconds:7.1f} s",
                  *[f"{k} {v}" for k, v in more.items()],
                  flush=True)
    from sklearn.decomposition import PCA

    rows = np.asarray(order)
    space = PCA(50,
                random_state=1).fit_transform(pixels[rows].astype(np.float32)).astype(np.float64)
    for name, (plane, _) in last.items():
        median = statistics.median(times[name])
        print(
            f"{name:9} median {median:7.1f} s, "
            f"x Tailor {median / statistics.median(times['tailor']):.2f}, "
            f"vote {vote(plane, labels[rows]):.4f}, "
            f"trustworthiness {trustworthiness(space, plane):.4f}, within 5,000 points "
            f"{trustworthiness_within(pixels[rows].astype(np.float32), plane):.4f}")


if __name__ == "__main__":
    sys.exit(main())
