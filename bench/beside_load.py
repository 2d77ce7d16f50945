#!/usr/bin/env python3
"""Trains beside busy loops, several binaries in turn, and prints what is left of their speed.

    bench/beside_load.py [--loops 0,1,4,8] [--rounds 3] [--train "--model seed ..."] BINARY...

Every training runs for itself, with so many processes beside it that do nothing but run, of the
usual priority and tied to no core. A BINARY is a path; it is a row of the table.
"""
import argparse
import re
import statistics
import subprocess
import sys
import tempfile
import time


def rate(binary, options):
    """Images a second of the last epoch of one training."""
    with tempfile.TemporaryDirectory() as folder:
        command = [binary, "train", *options.split(), "--out", folder + "/model"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(re.findall(r"([\d,]+) images/s", done.stdout)[-1].replace(",", ""))


def beside(loops, binary, options):
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(loops)]
    try:
        time.sleep(0.5)
        return rate(binary, options)
    finally:
        for process in busy:
            process.kill()
            process.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binaries", nargs="+", metavar="BINARY")
    parser.add_argument("--loops", default="0,1,4,8")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--train", default="--model seed --kernels 32 --precision f32 --epochs 1 "
                        "--threads 2 --set data.train_limit=20000")
    arguments = parser.parse_args()
    print("busy loops  images/s, medians of", arguments.rounds, "rounds (least to most)")
    for loops in map(int, arguments.loops.split(",")):
        rates = {binary: [] for binary in arguments.binaries}
        for _ in range(arguments.rounds):
            for binary in arguments.binaries:
                rates[binary].append(beside(loops, binary, arguments.train))
        for binary, of in rates.items():
            middle = statistics.median(of)
            print(f"{loops:10}  {middle:,.0f} ({min(of):,} to {max(of):,})  {binary}")


if __name__ == "__main__":
    main()
