# Functions of the checks of this folder; each check reads this file with `source`. Packages come from the mirrors that
# apt and pip of this machine use; nothing is installed on the machine itself but compilers and emulators.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

have() { command -v "$1" >/dev/null; }

# skip REASON: end the check without a failure.
skip() {
    echo "skipped: $1"
    exit 0
}

# result PLATFORM COMPILES LINKS RUNS PASSED SKIPPED: the line for table.py.
result() { (IFS='|' && echo "$*" | sed 's/|/ | /g'); }

# tool COMMAND PACKAGE...: install Debian packages where COMMAND is missing.
tool() {
    local command=$1
    shift
    have "$command" && return
    { [ "$(id -u)" = 0 ] && have apt-get; } || skip "$command is missing, and only root can install it with apt-get"
    (apt-get -qq update && apt-get -qq install -y --no-install-recommends "$@") >/dev/null 2>&1 ||
        skip "$command is missing, and apt-get cannot install $*"
}

# folder_of NAME [FOLDER]: the folder of a check, made and printed as an absolute path.
folder_of() {
    local folder=${2:-$root/build/platforms/$1}
    mkdir -p "$folder"
    (cd "$folder" && pwd)
}

# sources FOLDER: a copy of the files of this tree that git knows or would add, without anything built.
sources() {
    have git && git -C "$root" rev-parse --git-dir >/dev/null 2>&1 || skip "the tree is not a git repository"
    rm -rf "$1" && mkdir -p "$1"
    (cd "$root" && git ls-files -z --cached --others --exclude-standard) |
        (cd "$root" && tar -c --null --ignore-failed-read -T - 2>/dev/null) | tar -x -C "$1"
}

# host_python FOLDER: an environment of this machine's Python that builds extensions.
host_python() {
    [ -x "$1/bin/python" ] || python3 -m venv "$1" || skip "python3 -m venv fails (Debian: python3-venv)"
    "$1/bin/pip" install -q --disable-pip-version-check "setuptools>=77" "cython>=3.2.1" ||
        skip "pip cannot install setuptools and cython"
}

# debian_folder FOLDER ARCHITECTURE SUITES PACKAGE...: unpack packages of Debian and all they depend on, of the first
# suite that has them. Returns 1 if none has.
debian_folder() {
    local folder=$1 architecture=$2 suites=$3 suite
    shift 3
    [ -e "$folder/complete" ] && return
    for suite in $suites; do
        debian_suite "$folder" "$architecture" "$suite" "$@" && return
    done
    return 1
}

# The same for one suite, with its own lists of packages, so that apt of this machine is not changed.
debian_suite() {
    local folder=$1 architecture=$2 suite=$3 apt=$1.apt deb
    shift 3
    have apt-get && have dpkg-deb || return 1
    local source key=/usr/share/keyrings/debian-archive-keyring.gpg
    source=$(apt-get indextargets --format '$(SITE) $(ORIGIN)' 2>/dev/null |
        awk '$2 == "Debian" && !/security/ {print $1; exit}')
    [ -n "$source" ] && [ -e "$key" ] || return 1
    rm -rf "$folder" "$apt"
    mkdir -p "$folder"/usr/{bin,lib,lib64,sbin} "$folder/tmp" "$apt"/{lists,archives}/partial "$apt/parts"
    : >"$apt/status"
    echo "deb [signed-by=$key] $source $suite main" >"$apt/sources.list"
    local options=(
        -qq -o "Dir::State=$apt" -o "Dir::State::lists=$apt/lists" -o "Dir::State::status=$apt/status"
        -o "Dir::Cache=$apt" -o "Dir::Cache::archives=$apt/archives" -o "Dir::Etc::sourcelist=$apt/sources.list"
        -o "Dir::Etc::sourceparts=$apt/parts" -o "Dir::Etc::preferencesparts=$apt/parts"
        -o "APT::Architecture=$architecture" -o "APT::Architectures=$architecture" -o Acquire::Languages=none
        -o "APT::Sandbox::User=$(id -un)" -o Debug::NoLocking=true
    )
    apt-get "${options[@]}" update >"$apt/log" 2>&1 || return 1
    apt-get "${options[@]}" install -y --no-install-recommends --download-only "$@" >"$apt/log" 2>&1 || return 1
    for deb in bin lib lib64 sbin; do ln -s "usr/$deb" "$folder/$deb"; done  # as base-files does
    for deb in "$apt"/archives/*.deb; do
        dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$folder" --keep-directory-symlink || return 1
    done
    for deb in "$folder"/usr/lib/*/{blas/libblas,lapack/liblapack}.so.3; do  # as update-alternatives does
        [ ! -e "$deb" ] || ln -sf "$(basename "$(dirname "$deb")")/$(basename "$deb")" "$(dirname "$deb")/.."
    done
    rm -rf "$apt"
    touch "$folder/complete"
}

# cross_wheel SOURCES HOST_PYTHON TRIPLET DEBIAN_FOLDER: a wheel in SOURCES/dist, with the headers of the Python in
# DEBIAN_FOLDER.
cross_wheel() {
    local sources=$1 python=$2 triplet=$3 debian=$4 include=$1/headers
    mkdir -p "$include/$triplet"
    cp -r "$debian"/usr/include/python3.* "$include/"
    cp -r "$debian/usr/include/$triplet"/python3.* "$include/$triplet/"
    (cd "$sources" && CC="$triplet-gcc" LDSHARED="$triplet-gcc -shared" _PYTHON_HOST_PLATFORM="linux-${triplet%%-*}" \
        CFLAGS="-I$(echo "$include"/python3.*) -I$include" "$python" setup.py -q bdist_wheel >build.log 2>&1) ||
        { tail -30 "$sources/build.log"; return 1; }
}

# emulated_python FILE EMULATOR DEBIAN_FOLDER PACKAGES [PYTHON]: write FILE, a program that runs PYTHON, by default that of
# DEBIAN_FOLDER, with the folder PACKAGES in its path. Programs that it starts as sys.executable are emulated too.
emulated_python() {
    cat >"$1" <<END
#!/bin/sh
export PYTHONPATH=$4 PYTHONDONTWRITEBYTECODE=1 EMULATED_PYTHON=$1
exec $2 -L $3 ${5:-$(echo "$3"/usr/bin/python3.*[0-9])} "\$@"
END
    chmod +x "$1"
    cat >"$4/sitecustomize.py" <<END
import os
import sys

sys.executable = os.environ["EMULATED_PYTHON"]
END
}

# tests PYTHON PACKAGES SOURCES ARGUMENT...: run pytest in SOURCES, with the option --every of every.py; PACKAGES is a
# folder in the path of PYTHON. Sets `passed` and `not_run` (skipped).
tests() {
    local python=$1 packages=$2 sources=$3 log=$3/tests.log code=0
    shift 3
    cp "$root/tests/platforms/every.py" "$packages/"
    (cd "$sources" && nice -n 5 "$python" -P -m pytest -q -p no:cacheprovider -p every "$@") >"$log" 2>&1 || code=$?
    grep -E '^(FAILED|ERROR)|^[0-9]+ (passed|failed)|^=+ .* in ' "$log" || tail -30 "$log"
    passed=$(grep -oE '[0-9]+ passed' "$log" | tail -1 | cut -d' ' -f1)
    not_run=$(grep -oE '[0-9]+ skipped' "$log" | tail -1 | cut -d' ' -f1 || true)
    not_run=${not_run:-0}
    return $code
}
