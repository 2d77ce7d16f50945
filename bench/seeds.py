#!/usr/bin/env python3
"""Trains an experiment's final model with several seeds and reports the last epoch's test accuracy:
mean, standard deviation, and the 95 % interval of the mean (Student's t). Nothing is chosen by it:
it only reports.

    bench/seeds.py [experiments/fashion-mnist.toml] [--seeds 5] [--run runs/fashion-mnist]
                   [--set PATH=VALUE]...

--run takes the search's best parameters from a finished run; --set overrides options. Needs Python
3.11 and a build.
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
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Student's t for 2 to 10 seeds.
T_975 = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262]


def toml_text(value):
    return json.dumps(value)  # true, 32, 0.4 and "relu" are the same in both


def settings(args):
    experiment = tomllib.loads(args.experiment.read_text())
    chosen = {}
    if args.run:
        chosen |= json.loads((args.run / "metrics.json").read_text())["search"]["best_params"]
    if "epochs" in experiment.get("final", {}):
        chosen["train.epochs"] = experiment["final"]["epochs"]
    return [f"{path}={toml_text(value)}" for path, value in chosen.items()] + args.set


def train(args, options, seed):
    with tempfile.TemporaryDirectory() as folder:
        command = [args.tailor, "train", args.experiment, "--test", "--json", "--out", folder]
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
    parser.add_argument("--seeds", type=int, default=5, choices=range(2, 11), metavar="2..10")
    parser.add_argument("--run", type=Path)
    parser.add_argument("--set", action="append", default=[], metavar="PATH=VALUE")
    parser.add_argument("--tailor", default=os.environ.get("TAILOR", ROOT / "build/release/tailor"))
    args = parser.parse_args()
    options = settings(args)
    print(f"{args.experiment}: {' '.join(options)}")
    accuracies = []
    for seed in range(1, args.seeds + 1):
        result = train(args, options, seed)
        accuracies.append(100 * result["test_accuracy"])
        print(
            f"seed {seed}   test {accuracies[-1]:.2f} %   "
            f"train {100 * result['train_accuracy']:.2f} %   {result['seconds']:.0f} s",
            flush=True)
    mean, deviation = statistics.mean(accuracies), statistics.stdev(accuracies)
    half = T_975[args.seeds - 2] * deviation / math.sqrt(args.seeds)
    print(
        f"mean {mean:.2f} %   s.d. {deviation:.2f}   "
        f"95 % interval of the mean {mean - half:.2f} to {mean + half:.2f} %")


if __name__ == "__main__":
    main()
