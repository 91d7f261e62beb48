#!/usr/bin/env bash
# Linux on s390x, a big-endian machine: Debian's Python and NumPy in an emulator. Files of every format have the same
# bytes as on this little-endian machine, and are read to the same content; then the tests of formats.
#
# Usage: check_s390x.sh [FOLDER] [pytest argument ...], by default a sample of the tests
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
triplet=s390x-linux-gnu

[ "$(python3 -c 'import sys; print(sys.byteorder)')" = little ] || skip "this machine is big-endian"
tool $triplet-gcc gcc-$triplet libc6-dev-s390x-cross
tool qemu-s390x qemu-user

folder=$(folder_of s390x "${1:-}")
shift || true
debian_folder "$folder/debian" s390x "trixie forky sid" python3 libpython3-dev python3-numpy python3-pytest python3-tqdm \
    python3-hypothesis || skip "Debian's packages for s390x cannot be had"
host_python "$folder/host"
sources "$folder/sources"
cross_wheel "$folder/sources" "$folder/host/bin/python" $triplet "$folder/debian"
rm -rf "$folder/packages"
"$folder/host/bin/python" -m zipfile -e "$folder"/sources/dist/*s390x.whl "$folder/packages"
emulated_python "$folder/python" qemu-s390x "$folder/debian" "$folder/packages"
(cd "$folder/sources" && "$folder/host/bin/pip" install -q --disable-pip-version-check .)

export W2V_ISA=scalar  # the kernels that both machines have
twice=$folder/sources/tests/platforms/formats_twice.py
rm -rf "$folder/files" && mkdir -p "$folder/files"
cd "$folder/files"
"$folder/host/bin/python" -P "$twice" make made
"$folder/host/bin/python" -P "$twice" write little
"$folder/python" -P "$twice" write big
diff -r --exclude runs little big
"$folder/host/bin/python" -P "$twice" compare little big
"$folder/python" -P "$twice" compare big little
for machine in host/bin/python python; do
    "$folder/$machine" -P "$twice" read . >"../read-by-${machine%%/*}.json"
done
diff ../read-by-host.json ../read-by-python.json
files=$(find big -type f -not -path "*/runs/*" | wc -l)
cd "$folder"
[ $# -gt 0 ] || set -- --every 20 -m "not slow" tests/formats tests/corpus tests/phrases
tests "$folder/python" "$folder/packages" "$folder/sources" "$@"
result "Linux s390x (big-endian)" yes yes "$files files have the same bytes; in qemu" "$passed" "$not_run"
