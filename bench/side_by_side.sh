#!/bin/sh
# What two trials side by side do per second, each on one thread, against one alone; alternating,
# medians.
#   bench/side_by_side.sh [ROUNDS] [KERNELS]
set -eu
rounds=${1:-5} kernels=${2:-32}
root=$(cd "$(dirname "$0")/.." && pwd)
tailor=${TAILOR:-$root/build/release/tailor}
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
one() {  # $1: where the figure goes
  "$tailor" bench train --kernels "$kernels" --threads 1 --json 2>/dev/null |
    sed -n 's/.*"images_per_second":\([0-9]*\).*/\1/p' >"$1"
}
for round in $(seq "$rounds"); do
  one "$work/alone"; cat "$work/alone" >>"$work/all_alone"
  one "$work/left" & one "$work/right"; wait
  echo $(($(cat "$work/left") + $(cat "$work/right"))) >>"$work/all_both"
done
median() { sort -n "$1" | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
alone=$(median "$work/all_alone") both=$(median "$work/all_both")
times=$(awk "BEGIN {printf \"%.2f\", $both / $alone}")
echo "one: $alone images/s; two side by side: $both images/s together; $times times"
