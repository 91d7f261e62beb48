#!/usr/bin/env bash
# Linux on aarch64: the wheel from a cross-compiler; Debian's Python and NumPy for arm64 in an emulator; the tests of the
# kernels, of training and of formats. First the kernels alone, in a program without Python.
#
# Usage: check_aarch64.sh [FOLDER] [pytest argument ...], by default a sample of the tests; or check_aarch64.sh --kernels
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
triplet=aarch64-linux-gnu

tool $triplet-gcc gcc-$triplet libc6-dev-arm64-cross
tool qemu-aarch64 qemu-user

kernels() {
    local build
    build=$(mktemp -d)
    # shellcheck disable=SC2064
    trap "rm -rf '$build'" EXIT
    $triplet-gcc -O2 -std=c11 -Wall -Wextra -Werror -static -I"$root/csrc" -o "$build/check_kernels" \
        "$root/tests/training/loop/check_kernels.c" "$root"/csrc/kernels/*.c "$root/csrc/loop/alias.c" -lm
    qemu-aarch64 "$build/check_kernels"
}

kernels
[ "${1:-}" != --kernels ] || exit 0

folder=$(folder_of aarch64 "${1:-}")
shift || true
debian_folder "$folder/debian" arm64 trixie python3 libpython3-dev python3-numpy python3-pytest python3-tqdm \
    python3-hypothesis || skip "Debian's packages for arm64 cannot be had"
host_python "$folder/host"
sources "$folder/sources"
cross_wheel "$folder/sources" "$folder/host/bin/python" $triplet "$folder/debian"
rm -rf "$folder/packages"
"$folder/host/bin/python" -m zipfile -e "$folder"/sources/dist/*aarch64.whl "$folder/packages"
emulated_python "$folder/python" qemu-aarch64 "$folder/debian" "$folder/packages"
cd "$folder"
"$folder/python" -c "import w2v; assert w2v.available_isas()[0] == 'neon', w2v.available_isas()"
[ $# -gt 0 ] || set -- --every 50 -m "not slow" tests/training tests/formats
tests "$folder/python" "$folder/packages" "$folder/sources" "$@"
result "Linux aarch64" yes yes "Debian's Python in qemu" "$passed" "$not_run"
