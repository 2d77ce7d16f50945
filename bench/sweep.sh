#!/bin/sh
# Sizes nobody tuned for: images/s of a whole training step with our kernels beside the library's,
# alternating, medians. No row may fall off a cliff.
#   bench/sweep.sh [ROUNDS] [bf16|f32]
set -eu
rounds=${1:-3}
precision=${2:-bf16}
root=$(cd "$(dirname "$0")/.." && pwd)
tailor=${TAILOR:-$root/build/release/tailor}
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT

# An IDX set of random bytes: $1 folder, $2 side, $3 channels (1: three dimensions, as MNIST's).
make_set() {
  mkdir -p "$work/$1"
  for part in train t10k; do
    count=512
    {
      if [ "$3" = 1 ]; then printf '\0\0\010\003'; else printf '\0\0\010\004'; fi
      big_endian $count; big_endian "$2"; big_endian "$2"
      [ "$3" = 1 ] || big_endian "$3"
      head -c $((count * $2 * $2 * $3)) /dev/urandom
    } >"$work/$1/$part-images-idx3-ubyte"
    { printf '\0\0\010\001'; big_endian $count
      i=0; while [ $i -lt $count ]; do byte $((i % 10)); i=$((i + 1)); done
    } >"$work/$1/$part-labels-idx1-ubyte"
  done
}
byte() { printf "\\$(printf %o "$1")"; }
big_endian() {
  byte $(($1 >> 24 & 255)); byte $(($1 >> 16 & 255)); byte $(($1 >> 8 & 255)); byte $(($1 & 255))
}
net_of() {  # $1: kernel size: two convolutions of it, pooling, a dense layer
  cat <<TOML
[model]
name = "custom"
[[model.layer]]
type = "rescaling"
[[model.layer]]
type = "conv2d"
filters = 32
padding = "same"
activation = "relu"
[[model.layer]]
type = "max_pooling2d"
[[model.layer]]
type = "conv2d"
filters = 64
kernel_size = [$1, $1]
padding = "same"
activation = "relu"
[[model.layer]]
type = "max_pooling2d"
[[model.layer]]
type = "flatten"
[[model.layer]]
type = "dense"
units = 0
activation = "softmax"
TOML
}
make_set digits 8 1
make_set colour 32 3
net_of 5 >"$work/five.toml"
net_of 1 >"$work/one.toml"

speed() { # $1: default or library: whose kernels; the rest: options
  whose=$1; shift
  TAILOR_KERNELS=$whose "$tailor" bench train "$@" --precision "$precision" --repetitions 31 \
    --json 2>/dev/null |
    sed -n 's/.*"images_per_second":\([0-9]*\).*/\1/p'
}
row() { # $1: name; the rest: options
  name=$1; shift
  rm -f "$work/ours" "$work/theirs"
  for _ in $(seq "$rounds"); do
    speed default "$@" >>"$work/ours"
    speed library "$@" >>"$work/theirs"
  done
  ours=$(median "$work/ours") theirs=$(median "$work/theirs")
  echo "| $name | $ours | $theirs | $(awk "BEGIN {printf \"%.2f\", $ours / $theirs}") |"
}
median() { sort -n "$1" | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }

echo "| net | ours, images/s | library, images/s | ratio |"
echo "|---|---|---|---|"
for kernels in 8 16 17 24 32 33 40 48 64; do row "seed, $kernels kernels" --kernels "$kernels"; done
row "seed, 32 kernels, batch 100" --batch 100
row "seed, 32 kernels, batch 1" --batch 1
row "seed on 8x8 digits" --data "$work/digits"
row "seed on 32x32x3" --data "$work/colour"
row "air, 17 kernels" --model air --kernels 17
row "air, 40 kernels" --model air --kernels 40
row "second convolution 5x5" "$work/five.toml"
row "second convolution 1x1" "$work/one.toml"
