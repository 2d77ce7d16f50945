#!/bin/sh
# Trains the seed net with Tailor, PyTorch and, if given, a third program, alternating, and prints the medians as a
# Markdown table. A round runs each once, so a slow minute of the machine hits all of them.
#
#   PYTHON=/path/to/venv/bin/python bench/peers/compare.sh [-k KERNELS] [-b BATCH] [-t THREADS] [-r ROUNDS] [-p COMMAND]
#
# -p takes a whole command that prints lines like "train img/s 8500" (the last one counts); {} in it becomes the
# precision. PYTHON needs torch: python3 -m venv VENV && VENV/bin/pip install torch
set -eu

kernels=32 batch=128 threads=2 rounds=5 third=
while getopts k:b:t:r:p: option; do
  case $option in
    k) kernels=$OPTARG ;;
    b) batch=$OPTARG ;;
    t) threads=$OPTARG ;;
    r) rounds=$OPTARG ;;
    p) third=$OPTARG ;;
    *) exit 2 ;;
  esac
done
root=$(cd "$(dirname "$0")/../.." && pwd)
tailor=${TAILOR:-$root/build/release/tailor}
python=${PYTHON:-python3}
[ -x "$tailor" ] || { echo "no program at $tailor: build it (./run) or set TAILOR" >&2; exit 2; }
"$python" -c 'import torch' 2>/dev/null || { echo "$python has no torch: set PYTHON, see the head of $0" >&2; exit 2; }

speed_of() { "$python" -c 'import json, sys; print(json.load(sys.stdin)["images_per_second"])'; }
tailor_speed() {
  "$tailor" bench train --model seed --kernels "$kernels" --batch "$batch" --threads "$threads" --precision "$1" --json \
    2>/dev/null | speed_of
}
pytorch_speed() {
  "$python" "$root/bench/peers/pytorch.py" --kernels "$kernels" --batch "$batch" --threads "$threads" --precision "$1" |
    speed_of
}
third_speed() { # the shell splits the command into words
  OMP_NUM_THREADS=$threads $(printf '%s' "$third" | sed "s/{}/$1/g") | sed -n 's/^train img\/s  *\([0-9.]*\).*/\1/p' | tail -n 1
}

if "$tailor" doctor --json 2>/dev/null | grep -q '"native_bf16": *true'; then precisions="f32 bf16"; else precisions=f32; fi
results=$(mktemp)
trap 'rm -f "$results"' EXIT
round=0
while [ "$round" -lt "$rounds" ]; do
  round=$((round + 1))
  echo "round $round of $rounds" >&2
  for precision in $precisions; do
    for program in tailor pytorch ${third:+third}; do
      speed=$("${program}_speed" "$precision")
      [ -n "$speed" ] || { echo "$program gave no speed for $precision" >&2; exit 1; }
      echo "$program $precision $speed" | tee -a "$results" >&2
    done
  done
done

echo "Seed net, $kernels kernels, batch $batch, $threads threads, $rounds rounds, images/s (median, smallest - largest);"
echo "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $("$python" -c 'import torch; print("PyTorch", torch.__version__)')," \
  "Tailor at $(git -C "$root" rev-parse --short HEAD 2>/dev/null || echo unknown), $(date -u +%F)."
echo
"$python" - "$results" <<'PYTHON'
import collections, statistics, sys

speeds = collections.defaultdict(list)
for line in open(sys.argv[1]):
    program, precision, speed = line.split()
    speeds[program, precision].append(float(speed))
best = max(statistics.median(s) for (program, _), s in speeds.items() if program == "pytorch")
print("| program | precision | images/s | Tailor / this, same precision | this / best PyTorch |\n|---|---|---|---|---|")
for (program, precision), values in sorted(speeds.items(), reverse=True):
    median = statistics.median(values)
    ratios = (t / p for t, p in zip(speeds["tailor", precision], values))
    print(f"| {program} | {precision} | {median:,.0f} ({min(values):,.0f} - {max(values):,.0f}) "
          f"| {statistics.median(ratios):.2f} | {median / best:.2f} |")
PYTHON
