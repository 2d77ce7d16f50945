# What ./run and ./test share: the packages, the configuration and the build. To be sourced, and its
# functions called in the project's folder. Says what it does only where there is something to do.
# shellcheck shell=bash disable=SC2034

build_packages=(
  g++ cmake ninja-build pkg-config libdnnl-dev zlib1g-dev libpng-dev libjpeg62-turbo-dev
  libsqlite3-dev libtomlplusplus-dev nlohmann-json3-dev libcli11-dev libfmt-dev libfftw3-dev
  libeigen3-dev libgif-dev libtiff-dev libwebp-dev libzip-dev nettle-dev
  libfreetype-dev fonts-dejavu-core
  dataset-fashion-mnist
)
test_packages=(libgtest-dev libgmock-dev chromium)
lint_packages=(clang-format-14 clang-tidy-16)  # of .ci/run alone

say() { printf '%s\n' "$*" >&2; }
die() { say "$@"; exit 1; }

# quietly COMMAND...: its output is shown only if it fails.
quietly() {
  local output
  output=$("$@" 2>&1) || { local status=$?; say "$output"; return "$status"; }
}

# Prints the packages among the arguments that are not installed.
missing_packages() {
  local installed
  installed=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true)
  printf '%s\n' "$@" | grep -vxF -f <(sed -n 's/ installed$//p' <<<"$installed") || true
}

# install_packages NAME...: those that are missing.
install_packages() {
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    say "This is not a Debian system. Install what Debian 12 calls: $*"
    die "Then: cmake --preset release && cmake --build --preset release"
  fi
  local missing apt_get=(env DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0
                         -o DPkg::Lock::Timeout=300)
  readarray -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null ||
      die "Packages are missing and there is no sudo. As root: apt-get install ${missing[*]}"
    apt_get=(sudo "${apt_get[@]}")
  fi
  say "Installing packages: ${missing[*]}"
  quietly "${apt_get[@]}" update || die "apt-get update failed, see above"
  quietly "${apt_get[@]}" install -y --no-install-recommends "${missing[@]}" ||
    die "apt-get install failed, see above"
}

# configure ON|OFF: build/release with or without the tests. A build with tests serves both.
configure() {
  local cache=build/release/CMakeCache.txt
  if [ -f build/release/build.ninja ]; then
    [ "$1" = OFF ] && return 0
    grep -q '^TAILOR_TESTS:BOOL=ON' "$cache" && return 0
  fi
  quietly cmake --preset release "-DTAILOR_TESTS=$1" || die "cmake failed, see above"
}

# Reads ninja's output: one line when work starts, a counter on terminals, elsewhere a line now and
# then.
show_progress() {
  local line started=
  while IFS= read -r line; do
    [[ $line =~ ^\[([0-9]+)/([0-9]+)\]\ (Building|Linking) ]] || continue
    [ -n "$started" ] || say "Building Tailor (4 to 10 minutes the first time)"
    started=yes
    if [ -t 2 ]; then
      printf '\r  %s of %s ' "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" >&2
    elif ((BASH_REMATCH[1] % 50 == 0)); then
      say "  ${BASH_REMATCH[1]} of ${BASH_REMATCH[2]}"
    fi
  done
  if [ -n "$started" ] && [ -t 2 ]; then printf '\r\033[K' >&2; fi
}

# One line on the tests that this CPU cannot run, from what each test program of ctest's list counts
# itself (tests/main.cpp).
say_what_is_left_out() {
  local label
  ctest --test-dir build/release --print-labels | sed -n 's/^  \(tailor_.*_test\)$/\1/p' |
    while read -r label; do
      find build/release -name "$label" -type f -exec {} --left-out \;
    done | awk '{n[$1] += $2}
    END {
      if (n["NeedsBf16"]) need = n["NeedsBf16"] " that need AVX-512 with bf16"
      if (n["NeedsVnni"])
        need = need (need ? ", " : "") n["NeedsVnni"] " that need AVX-512 with VNNI"
      if (need) print "Tests left out, since this CPU cannot run them: " need
    }' >&2
}

# build TARGET: what is out of date. The whole output is kept in build/release/build.log.
build() {
  local log=build/release/build.log
  cmake --build --preset release --target "$1" 2>&1 | tee "$log" | show_progress && return 0
  grep -v '^\[' "$log" | tail -n 40 >&2 || true
  die "The build failed; all of its output is in $log"
}
