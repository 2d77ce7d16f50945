#!/bin/sh
# Test accuracy after the last epoch with our bf16 kernels, with the library's, and (with -f) in
# f32, seed by seed, side by side.
#   bench/accuracy_of_kernels.sh [-m MODEL] [-k KERNELS] [-e EPOCHS] [-s SEEDS] [-f]
#                                [-- options of tailor train]
set -eu
model=seed kernels=32 epochs=15 seeds=5 f32=
while getopts m:k:e:s:f option; do
  case $option in
    m) model=$OPTARG ;;
    k) kernels=$OPTARG ;;
    e) epochs=$OPTARG ;;
    s) seeds=$OPTARG ;;
    f) f32=yes ;;
    *) exit 2 ;;
  esac
done
shift $((OPTIND - 1))
root=$(cd "$(dirname "$0")/.." && pwd)
tailor=${TAILOR:-$root/build/release/tailor}
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
accuracy() {  # $1: precision; $2: default or library: whose kernels
  seed=$3 kind=$1-$2
  shift 3
  rm -rf "$work/run"
  TAILOR_KERNELS=${kind#*-} "$tailor" train --model "$model" --kernels "$kernels" \
    --epochs "$epochs" --seed "$seed" --precision "${kind%-*}" --test --out "$work/run" \
    --json "$@" 2>/dev/null |
    sed -n 's/.*"test_accuracy":\([0-9.]*\).*/\1/p' | awk '{printf "%.2f", 100 * $1}'
}
echo "| $model, $kernels kernels, $epochs epochs | our bf16 | the library's bf16 |${f32:+ f32 |}"
echo "|---|---|---|${f32:+---|}"
for seed in $(seq "$seeds"); do
  ours=$(accuracy bf16 default "$seed" "$@") theirs=$(accuracy bf16 library "$seed" "$@") plain=
  [ -z "$f32" ] || plain=$(accuracy f32 default "$seed" "$@")
  echo "| seed $seed | $ours | $theirs |${f32:+ $plain |}"
  echo "$ours $theirs $plain" >>"$work/all"
done
awk -v f32="$f32" '{n = NF; for (i = 1; i <= n; ++i) {s[i] += $i; q[i] += $i * $i}}
  END {printf "| mean (s.d.) |"; for (i = 1; i <= n; ++i) {
    m = s[i] / NR; v = NR > 1 ? (q[i] - NR * m * m) / (NR - 1) : 0
    printf " %.2f (%.2f) |", m, v > 0 ? sqrt(v) : 0}; print ""}' "$work/all"
