#!/usr/bin/env python3
"""Flips labels of a copy of Fashion-MNIST at random and counts how many of them stand among the
first suspects of `tailor data check`.

    bench/flipped_labels.py [--flipped 1000] [--first 2000] [--seeds 3]

Needs numpy and a build.
"""

import argparse
import csv
import gzip
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("/usr/share/datasets/fashion-mnist"))
    parser.add_argument("--flipped", type=int, default=1000)
    parser.add_argument("--first", type=int, default=2000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--tailor",
                        default=os.environ.get("TAILOR", str(ROOT / "build/release/tailor")))
    args = parser.parse_args()
    for seed in range(1, args.seeds + 1):
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "data"
            shutil.copytree(args.data, copy)
            packed = copy / "train-labels-idx1-ubyte.gz"
            plain = copy / "train-labels-idx1-ubyte"
            labels = bytearray(
                plain.read_bytes() if plain.exists() else gzip.decompress(packed.read_bytes()))
            random = np.random.default_rng(seed)
            rows = random.choice(len(labels) - 8, args.flipped, replace=False)
            for row in rows:
                labels[8 + row] = (labels[8 + row] + random.integers(1, 10)) % 10
            plain.unlink(missing_ok=True)
            packed.unlink(missing_ok=True)
            plain.write_bytes(labels)
            start = time.monotonic()
            command = [
                args.tailor, "data", "check",
                str(copy), "--out", f"{folder}/check", "--json"
            ]
            subprocess.run(command,
                           check=True,
                           stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
            seconds = time.monotonic() - start
            with open(f"{folder}/check/label_suspects.csv") as file:
                suspects = [int(row["index"]) for row in csv.DictReader(file)][:args.first]
            found = len(set(suspects) & set(int(row) for row in rows))
            print(
                f"seed {seed}: {found} of {args.flipped} among the first {args.first}, "
                f"{seconds:.1f} s",
                flush=True)


if __name__ == "__main__":
    main()
