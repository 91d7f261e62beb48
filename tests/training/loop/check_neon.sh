#!/bin/sh
# Cross-compile the NEON kernels and check them under qemu-user.
# Debian: apt install gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user
set -eu
root=$(cd "$(dirname "$0")/../../.." && pwd)
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
aarch64-linux-gnu-gcc -O2 -std=c11 -Wall -Wextra -Werror -static -I"$root/csrc" -o "$build/check_kernels" \
    "$root/tests/training/loop/check_kernels.c" "$root"/csrc/kernels/*.c "$root/csrc/loop/alias.c" -lm
qemu-aarch64 "$build/check_kernels"
