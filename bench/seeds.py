#!/usr/bin/env python3
"""Trains an experiment's final model with several seeds and reports the last epoch's test accuracy:
mean, standard deviation, and the 95 % interval of the mean (Student's t). Nothing is chosen by it:
it only reports.

    bench/seeds.py [experiments/fashion-mnist.toml] [--seeds 5] [--run runs/fashion-mnist]
                   [--validation] [--at-once 1] [--set PATH=VALUE]...

--run takes the search's best parameters from a finished run; --set overrides options. --validation
trains on the fixed 50,000 of Fashion-MNIST's training images and measures on the other 10,000: by
these figures recipes are chosen, and the test set stays shut. --at-once N trains N seeds beside
each other, on one thread each. Needs Python 3.11 and a build.
"""

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Student's t for 2 to 20 seeds.
T_975 = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
    2.145, 2.131, 2.120, 2.110, 2.101, 2.093
]
# docs/accuracy.md, "How recipes are chosen".
VALIDATION = ["data.validation_size=0.16666666666666666", "data.group=none", "data.random_state=0"]


def toml_text(value):
    return json.dumps(value)  # true, 32, 0.4 and "relu" are the same in both


def settings(args):
    experiment = tomllib.loads(args.experiment.read_text())
    chosen = {}
    if args.run:
        chosen |= json.loads((args.run / "metrics.json").read_text())["search"]["best_params"]
    if "epochs" in experiment.get("final", {}):
        chosen["train.epochs"] = experiment["final"]["epochs"]
    options = [f"{path}={toml_text(value)}" for path, value in chosen.items()]
    if args.at_once > 1:
        options.append("threads=1")
    return options + (VALIDATION if args.validation else []) + args.set


def train(args, options, seed):
    with tempfile.TemporaryDirectory() as folder:
        command = [args.tailor, "train", args.experiment, "--json", "--out", folder]
        command += [] if args.validation else ["--test"]
        for option in [*options, f"seed={seed}"]:
            command += ["--set", option]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(done.returncode)
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("experiment",
                        type=Path,
                        nargs="?",
                        default=ROOT / "experiments/fashion-mnist.toml")
    parser.add_argument("--seeds", type=int, default=5, choices=range(2, 21), metavar="2..20")
    parser.add_argument("--run", type=Path)
    parser.add_argument("--validation", action="store_true")
    parser.add_argument("--at-once", type=int, default=1)
    parser.add_argument("--set", action="append", default=[], metavar="PATH=VALUE")
    parser.add_argument("--tailor", default=os.environ.get("TAILOR", ROOT / "build/release/tailor"))
    args = parser.parse_args()
    options = settings(args)
    print(f"{args.experiment}: {' '.join(options)}")
    measured = "validation" if args.validation else "test"
    accuracies = []
    with ThreadPoolExecutor(args.at_once) as pool:
        seeds = range(1, args.seeds + 1)
        for seed, result in zip(seeds, pool.map(lambda s: train(args, options, s), seeds)):
            accuracies.append(100 * result[f"{measured}_accuracy"])
            print(
                f"seed {seed}   {measured} {accuracies[-1]:.2f} %   "
                f"train {100 * result['train_accuracy']:.2f} %   {result['seconds']:.0f} s",
                flush=True)
    mean, deviation = statistics.mean(accuracies), statistics.stdev(accuracies)
    half = T_975[args.seeds - 2] * deviation / math.sqrt(args.seeds)
    print(
        f"mean {mean:.2f} %   s.d. {deviation:.2f}   "
        f"95 % interval of the mean {mean - half:.2f} to {mean + half:.2f} %")


if __name__ == "__main__":
    main()
