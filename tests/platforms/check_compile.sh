#!/usr/bin/env bash
# All C for systems that this machine cannot run: the extensions for musl and macOS, compiled and linked by the clang of
# PyPI's ziglang; all of csrc/ linked to a program, in which every function must be known. The kernels for musl on this
# processor run. Then the newest clang and gcc of Debian: no warning for csrc/.
#
# Usage: check_compile.sh [FOLDER]
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

folder=$(folder_of compile "${1:-}")
host_python "$folder/host"
sources "$folder/sources"
cd "$folder/sources"
python=$folder/host/bin/python
"$python" setup.py -q --version >/dev/null  # writes the C code of the extensions and the tables of Unicode
include=$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')
generated=$(find w2v -name '_*.c')
lines=()

# extensions LABEL TARGET LINK_OPTION...: compile and link as setup.py does, but without optimization; then a program of
# all of csrc/, in which no function may be unknown.
extensions() {
    local label=$1 target=$2 dynamic=
    shift 2
    [[ $target != *musl ]] || dynamic=-dynamic  # otherwise ziglang compiles all of musl
    echo "== $label"
    printf '#!/bin/sh\nexec "%s" cc -target %s "$@" -O0\n' "$zig" "$target" >"$folder/cc-$target"
    chmod +x "$folder/cc-$target"
    rm -rf "$folder/$target"
    CC=$folder/cc-$target LDSHARED="$folder/cc-$target $*" nice -n 5 "$python" setup.py -q build_ext --parallel 2 \
        --build-lib "$folder/$target" --build-temp "$folder/$target.o" >"$folder/$target.log" 2>&1 ||
        { grep -E 'error' "$folder/$target.log" | head -20; return 1; }
    echo "$(find "$folder/$target" -name '*.so' | wc -l) extensions"
    "$folder/cc-$target" $dynamic -std=c11 -Icsrc -o "$folder/$target/check_kernels" tests/training/loop/check_kernels.c \
        csrc/*/*.c -lm
}

if "$folder/host/bin/pip" install -q --disable-pip-version-check ziglang; then
    zig=$("$python" -c 'import pathlib, ziglang; print(pathlib.Path(ziglang.__file__).with_name("zig"))')
    export ZIG_GLOBAL_CACHE_DIR=$folder/zig ZIG_LOCAL_CACHE_DIR=$folder/zig
    machine=$(uname -m)
    for target in x86_64-linux-musl aarch64-linux-musl; do
        extensions "Linux musl ${target%%-*}" $target -shared
        runs=-
        if [ "$machine" = "${target%%-*}" ] && debian_folder "$folder/musl" "$(dpkg --print-architecture)" \
            "trixie forky sid" musl; then
            "$folder/musl/usr/lib/ld-musl-$machine.so.1" "$folder/$target/check_kernels"
            runs="the kernels"
        fi
        lines+=("$(result "Linux musl ${target%%-*}" yes yes "$runs" - -)")
    done
    for target in x86_64-macos aarch64-macos; do
        extensions "macOS ${target%%-*}" $target -dynamiclib -undefined dynamic_lookup
        lines+=("$(result "macOS ${target%%-*}" yes "yes, Python's functions unknown" - - -)")
    done
else
    echo "pip cannot install ziglang: no compilation for musl and macOS"
fi

# without_warning COMMAND: compile with warnings; those in code that Cython wrote are not counted.
without_warning() {
    local file code=0 log=$folder/warnings.log
    : >"$log"
    for file in csrc/*/*.c; do
        "$@" -O2 -std=c11 -Wall -Wextra -Wconversion -Icsrc -c "$file" -o "$out" 2>>"$log" || code=1
    done
    for file in $generated; do
        "$@" -DPy_LIMITED_API=0x030B0000 -std=c11 -Wall -Wextra -Wconversion -Icsrc "-I${headers:-$include}" \
            -fsyntax-only "$file" 2>>"$log" || code=1
    done
    ! grep -E '(^|[ /])csrc/[^ ]*: (warning|error):' "$log" || code=1
    return $code
}

clang=$(apt-cache search --names-only '^clang-[0-9]+$' 2>/dev/null | grep -oE 'clang-[0-9]+' | sort -t- -k2n | tail -1 ||
    true)
if [ -n "$clang" ] && (tool "$clang" "$clang" >/dev/null && have "$clang"); then
    echo "== $clang"
    out=$folder/file.o without_warning "$clang"
    lines+=("$(result "Linux $(uname -m), $clang" "yes, no warning" - - - -)")
else
    echo "no clang can be had"
fi

# The newest gcc needs the newest C library too, so it runs in a folder of its own.
if [ "$(id -u)" = 0 ] && debian_folder "$folder/gcc" "$(dpkg --print-architecture)" sid gcc libc6-dev coreutils; then
    work=$folder/gcc/w
    rm -rf "$work" && mkdir -p "$work"
    cp -r csrc w2v "$work/"
    cp -r "$include" "$work/include"
    version=$(chroot "$folder/gcc" /usr/bin/gcc -dumpversion)
    echo "== gcc-$version"
    in_folder() { chroot "$folder/gcc" /usr/bin/env -C /w /usr/bin/gcc "$@"; }
    out=/tmp/file.o headers=include without_warning in_folder
    lines+=("$(result "Linux $(uname -m), gcc-$version" "yes, no warning" - - - -)")
else
    echo "no newer gcc can be had"
fi

[ ${#lines[@]} -gt 0 ] || skip "no compiler can be had"
printf '%s\n' "${lines[@]}"
