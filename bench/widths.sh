#!/bin/sh
# Images/s of the seed net for several numbers of kernels, alternating, medians: odd widths must cost what the next multiple of 16 does.
#   bench/widths.sh [ROUNDS] [PRECISION]
set -eu
rounds=${1:-5} precision=${2:-auto}
root=$(cd "$(dirname "$0")/.." && pwd)
tailor=${TAILOR:-$root/build/release/tailor}
widths="16 17 24 32 40 48"
results=$(mktemp); trap 'rm -f "$results"' EXIT
for round in $(seq "$rounds"); do
  for kernels in $widths; do
    speed=$("$tailor" bench train --kernels "$kernels" --precision "$precision" --json 2>/dev/null |
      sed -n 's/.*"images_per_second":\([0-9]*\).*/\1/p')
    echo "$kernels $speed" >>"$results"
  done
done
echo "| kernels | images/s (median of $rounds) |"
echo "|---|---|"
for kernels in $widths; do
  echo "| $kernels | $(awk -v k="$kernels" '$1 == k {print $2}' "$results" | sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}') |"
done
