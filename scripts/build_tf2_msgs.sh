#!/usr/bin/env bash
# Build and install tf2_msgs into a virtual environment, unless it is there already.
#
#   scripts/build_tf2_msgs.sh [PYTHON [DISTRO]]
#
# PYTHON: the environment's interpreter, default .venv/bin/python
# DISTRO: whose wheels are in it, kilted (default) or jazzy
#
# The ROS wheels of PyPI lack this one package. Needs gcc and cmake; takes 20-50 s.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
python="${1:-$root/.venv/bin/python}"
distro="${2:-kilted}"

say() { echo "build_tf2_msgs: $*"; }

if "$python" -c "import tf2_msgs.msg" 2>/dev/null; then
  say "tf2_msgs is there; nothing to do"
  exit 0
fi
if ! "$python" -c "import rclpy" 2>/dev/null; then
  say "$python has no rclpy. Install the ROS wheels first (make ros)." >&2
  exit 2
fi
for tool in gcc cmake make; do
  if ! command -v "$tool" >/dev/null; then
    say "the program '$tool' is missing. Install it: apt-get install gcc g++ cmake make" >&2
    exit 2
  fi
done

prefix="$("$python" -c 'import sys; print(sys.prefix)')"
export AMENT_PREFIX_PATH="$prefix"
say "installing the message generators"
"$python" -m pip install -qq --disable-pip-version-check \
  -r "$root/requirements/$distro-build.txt"

# The wheels' CMake files name the header folders of the machine that built them.
include="$("$python" -c 'import sysconfig; print(sysconfig.get_paths()["include"])')"
numpy="$("$python" -c 'import numpy; print(numpy.get_include())')"
{ grep -rl '/opt/python/cp' "$prefix/share" --include='*Export.cmake' || true; } |
  xargs -r sed -i -E \
    -e "s#/opt/python/cp[0-9]+-cp[0-9]+/include/python3\.[0-9]+#$include#g" \
    -e "s#/opt/python/cp[0-9]+-cp[0-9]+/lib/python3\.[0-9]+/site-packages/numpy/_core/include#$numpy#g"

build="$(mktemp -d)"
trap 'rm -rf "$build"' EXIT
say "building (log on failure only)"
if ! {
  cmake -S "$root/interfaces/tf2_msgs" -B "$build" -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_INSTALL_PREFIX="$prefix" \
    -DPython3_EXECUTABLE="$prefix/bin/python" -DBUILD_TESTING=OFF &&
    cmake --build "$build" --parallel 2 --target install
} >"$build/log.txt" 2>&1; then
  tail -n 40 "$build/log.txt" >&2
  say "the build failed; the end of its log is above" >&2
  exit 1
fi
"$python" -c "import tf2_msgs.msg" && say "installed in $prefix"
