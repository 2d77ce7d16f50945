"""The side of a peer in the line protocol of compare.py, and what all peers share.

A peer is a process that keeps one net warm in several variants (eager, compiled, bf16, ...). It
first prints a line {"program": ..., "version": ..., "variants": {name: precision}}, then answers
every line it reads with one of JSON:

    prepare VARIANT       -> {"check": ...}       builds it and runs it; {"error": ...} unless it
                                                  does its work
    run VARIANT SECONDS   -> {MODE: images a second}

It ends when its input does. Messages of libraries go to standard error.
"""

import argparse
import json
import os
import statistics
import sys
import time
import traceback

import numpy as np

IMAGES = 16_384  # as many as `tailor bench` walks through: more bytes than the caches hold
CLASSES = 10
# On one batch: enough for the loss to fall by a tenth, short enough for 400 images/s.
CHECK_STEPS = 20


def arguments():
    """The command line of a peer. Threads must be set before its libraries are loaded: import them
    after this."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--net", choices=["seed", "air"], default="seed")
    parser.add_argument("--kernels", type=int, default=32)
    parser.add_argument("--stage", choices=["train", "infer"], default="train")
    parser.add_argument("--batches",
                        type=lambda text: [int(n) for n in text.split(",")],
                        default=[128])
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(args.threads)
    return args


def random_images():
    """Bytes and labels; speed does not depend on what they show."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (IMAGES, 28, 28), dtype=np.uint8)
    return images, rng.integers(0, CLASSES, IMAGES).astype(np.int64)


class Shuffled:
    """Rows of the next batch, the set in a new order after each pass, as a trainer draws them."""

    def __init__(self, batch):
        self.batch, self.rng = batch, np.random.default_rng(0)
        self.order, self.at = self.rng.permutation(IMAGES), 0

    def __call__(self):
        if self.at + self.batch > IMAGES:
            self.order, self.at = self.rng.permutation(IMAGES), 0
        self.at += self.batch
        return self.order[self.at - self.batch:self.at]


def check_falls(losses):
    """Of steps on one batch, which any net that learns can learn by heart."""
    if not losses[-1] < 0.9 * losses[0]:
        raise RuntimeError(f"the loss does not fall: {losses}")
    return {"loss": [round(float(losses[0]), 4), round(float(losses[-1]), 4)]}


def check_probabilities(answer, batch):
    """Returns the first row, for compare.py to hold against the other peers'."""
    answer = np.asarray(answer, np.float32)
    if answer.shape != (batch, CLASSES) or abs(answer.sum(1) - 1).max() > 0.02:
        raise RuntimeError(f"no probabilities: shape {answer.shape}, sums {answer.sum(1)[:4]}")
    return {"probabilities": [round(float(p), 5) for p in answer[0]]}


def throughput(step, batch, seconds):
    """Images a second of step() over at least `seconds`, after a fifth of that to fill the caches
    again."""
    start = time.perf_counter()
    while time.perf_counter() - start < seconds / 5:
        step()
    steps, start = 0, time.perf_counter()
    while True:
        step()
        steps += 1
        passed = time.perf_counter() - start
        if passed >= seconds:
            return steps * batch / passed


def answers_per_second(step, batch, seconds):
    """Images a second by the median of single calls, as `tailor bench infer` counts its latency."""
    start = time.perf_counter()
    while time.perf_counter() - start < seconds / 5:
        step()
    times, start = [], time.perf_counter()
    while time.perf_counter() - start < seconds:
        before = time.perf_counter()
        step()
        times.append(time.perf_counter() - before)
    return batch / statistics.median(times)


def serve(program, version, variants):
    """`variants`: name -> (precision, make); make() gives an object with check() and
    run(seconds)."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print must not get between the answers

    def answer(value):
        print(json.dumps(value), file=out, flush=True)

    answer({
        "program": program, "version": version,
        "variants": {name: precision for name, (precision, _) in variants.items()}
    })
    made = {}
    for line in sys.stdin:
        command, name, *rest = line.split()
        if command == "prepare":
            try:
                made[name] = variants[name][1]()
                answer({"check": made[name].check()})
            except Exception as error:  # whatever it is, the others go on and this one is named
                traceback.print_exc()
                answer({"error": f"{type(error).__name__}: {error}"[:500]})
        elif command == "run":
            speeds = made[name].run(float(rest[0]))
            answer({mode: round(speed, 1) for mode, speed in speeds.items()})
        else:
            raise ValueError(f"unknown command {command}")
