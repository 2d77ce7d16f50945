#!/usr/bin/env python3
"""Tailor beside its peers, in training and in inference, alternating in one run so that a slow
minute hits everybody.

    bench/compare/compare.py --python VENV/bin/python --out results.json --plots docs/plots
        everything
    bench/compare/compare.py --python VENV/bin/python --nets seed:32 --modes train --peers pytorch
        a part of it
    bench/compare/compare.py --from results.json --plots docs/plots
        tables and plots again, nothing measured

VENV is a virtual environment with bench/compare/requirements.txt (its head says how); this script
needs Python alone. Nothing else should run meanwhile. --quick is a smoke run: its figures mean
nothing. --probe adds a program of one's own, which prints lines like "... 18900 img/s ... ; infer
68600", once per round; it is listed but is no peer.

A peer is a process that stays warm and measures one variant for --seconds whenever it is told to;
Tailor's turn is a process with a warm-up round of its own. A ratio belongs to one turn of a peer
and the turn of Tailor before it, which is at most --gap seconds of other peers ago. Printed are
medians over the rounds, smallest and largest in brackets.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

import machine
import plot
import programs
import tables

ROOT = Path(__file__).resolve().parents[2]
SETTLE_SECONDS = 0.05  # OpenMP's threads spin for some milliseconds after the work is done
# bf16 keeps 8 bits, through 7 layers, of logits up to 10.
PROBABILITY_ERROR = {"f32": 1e-3, "bf16": 0.1}


def names(text):
    return [name for name in text.split(",") if name]


def net(text):
    name, _, kernels = text.partition(":")
    return {"name": name, "kernels": int(kernels)}


def parse():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nets",
                        default="seed:32,air:16,air:32",
                        help="NAME:KERNELS of the zoo, comma-separated (%(default)s)")
    parser.add_argument("--modes",
                        default="train,infer256,infer1",
                        help="the numbers are batches (%(default)s)")
    parser.add_argument("--peers", default=",".join(programs.PEERS), help="(%(default)s)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds",
                        type=float,
                        default=0.6,
                        help="of one turn of a peer, per mode (%(default)s)")
    parser.add_argument("--gap",
                        type=float,
                        default=6,
                        help="Tailor runs again after so many seconds of peers (%(default)s)")
    parser.add_argument("--batch", type=int, default=128, help="in training (%(default)s)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--precisions",
        help="of Tailor: f32,bf16 or f32 (default: what the CPU multiplies natively)")
    parser.add_argument("--probe", action="append", default=[], metavar="PRECISION:COMMAND",
                        help="with {net}, {kernels} and {batch} to be filled in; may be repeated")
    parser.add_argument("--tailor",
                        default=os.environ.get("TAILOR", str(ROOT / "build/release/tailor")))
    parser.add_argument("--python",
                        default=os.environ.get("PYTHON", sys.executable),
                        help="with the peers installed")
    parser.add_argument("--out", help="JSON file for every turn")
    parser.add_argument("--plots", help="folder for one SVG a mode")
    parser.add_argument("--from",
                        dest="source",
                        help="JSON file of an earlier run, instead of measuring")
    parser.add_argument("--quick",
                        action="store_true",
                        help="one net, two rounds, short turns: does it all work?")
    args = parser.parse_args()
    if args.quick:
        args.nets, args.rounds, args.seconds = args.nets.split(",")[0], 2, 0.2
    return args


def say(text):
    print(text, file=sys.stderr, flush=True)


def check_answers(lanes):
    """Those that answer the same images with the same weights must agree."""
    answers = [
        (lane, lane.check["probabilities"]) for lane in lanes if "probabilities" in lane.check
    ]
    for lane, answer in answers:
        truth = next(other for reference, other in answers if reference.precision == "f32")
        error = max(abs(a - b) for a, b in zip(answer, truth))
        if error > PROBABILITY_ERROR[lane.precision]:
            raise SystemExit(f"{lane.name} answers differently from the f32 peers: {error}")


class Recorder:
    """Takes turns and writes them down in the order they were taken."""

    def __init__(self, net_name, stage, modes, turns):
        self.about, self.modes, self.turns = {"net": net_name, "stage": stage}, modes, turns
        self.round, self.start = 0, time.monotonic()

    def take(self, lane):
        time.sleep(SETTLE_SECONDS)
        bystanders = machine.Bystanders(lane.pid)
        speeds = {mode: speed for mode, speed in lane.measure().items() if mode in self.modes}
        others = bystanders.cores()
        self.turns.append({
            **self.about,
            "round": self.round,
            "at": round(time.monotonic() - self.start, 2),
            "program": lane.program,
            "variant": lane.variant,
            "precision": lane.precision,
            "own": lane.own,
            "others": others,
            "speeds": {mode: round(speed, 1) for mode, speed in speeds.items()},
        })
        disturbed = f"  disturbed: others used {others} cores" if others > tables.DISTURBED else ""
        say(f"  {lane.name:45} " +
            "  ".join(f"{mode} {speed:9,.0f}" for mode, speed in speeds.items()) + disturbed)


def alternate(tailor, peers, recorder, rounds, gap):
    """A B A C ...: Tailor's lanes first, and again before every peer they are too long ago for."""
    for number in range(1, rounds + 1):
        say(f" round {number} of {rounds}")
        recorder.round, due = number, 0.0
        for peer in peers:
            if time.monotonic() >= due:
                for lane in tailor:
                    recorder.take(lane)
                due = time.monotonic() + gap
            recorder.take(peer)


def stages(modes):
    """Training is one stage; all batches of inference are another, which one process of a program
    measures."""
    batches = sorted(
        {int(mode.removeprefix("infer")) for mode in modes if mode.startswith("infer")},
        reverse=True)
    return (["train"] if "train" in modes else []) + (["infer"] if batches else []), batches


def measure(args):
    results = {
        "machine": machine.describe(args.tailor, args.threads, ROOT),
        "versions": {},
        "left_out": [],
        "turns": [],
        "options": {
            name: getattr(args, name) for name in ("rounds", "seconds", "gap", "batch", "threads")
        },
    }
    modes = names(args.modes)
    precisions = names(args.precisions or machine.precisions(args.tailor))
    for each in map(net, names(args.nets)):
        for stage in stages(modes)[0]:
            job = programs.Job(**each,
                               stage=stage,
                               batches=[args.batch] if stage == "train" else stages(modes)[1],
                               threads=args.threads,
                               seconds=args.seconds)
            say(f"{each['name']}:{each['kernels']}, {stage}: starting the peers")
            started = [
                programs.Peer(args.python, peer, job)
                for peer in names(args.peers)
                if stage in programs.PEERS[peer]
            ]
            try:
                lanes = [lane for peer in started for lane in peer.lanes(results, say)]
                check_answers(lanes)
                lanes += [programs.Probe(text, job) for text in args.probe]
                tailor = [programs.Tailor(args.tailor, precision, job) for precision in precisions]
                recorder = Recorder(f"{each['name']}:{each['kernels']}", stage, modes,
                                    results["turns"])
                alternate(tailor, lanes, recorder, args.rounds, args.gap)
            finally:
                for peer in started:
                    peer.close()
            if args.out:  # after every stage, so that a run cut short is not lost
                Path(args.out).write_text(json.dumps(results, indent=1) + "\n")
    return results


def main():
    args = parse()
    start = time.monotonic()
    results = json.loads(Path(args.source).read_text()) if args.source else measure(args)
    print(tables.markdown(results))
    if args.plots:
        plot.write_all(results, Path(args.plots))
    say(f"took {time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
