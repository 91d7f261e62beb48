#!/usr/bin/env bash
# Linux on an x86-64 processor of 2008 (Intel Nehalem, without AVX), in an emulator: import, training with the scalar
# kernels, queries. The model has the bytes that this processor makes with the same kernels.
#
# Usage: check_nehalem.sh [FOLDER] [pytest argument ...], by default a sample of the tests
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

[ "$(uname -m)" = x86_64 ] || skip "this machine is not an x86-64"
tool qemu-x86_64 qemu-user

folder=$(folder_of nehalem "${1:-}")
shift || true
host_python "$folder/host"
sources "$folder/sources"
"$folder/host/bin/pip" install -q --disable-pip-version-check numpy tqdm pytest hypothesis ||
    skip "pip cannot install numpy, tqdm, pytest and hypothesis"
(cd "$folder/sources" && "$folder/host/bin/pip" install -q --disable-pip-version-check --no-build-isolation .)
mkdir -p "$folder/packages"
emulated_python "$folder/python" "qemu-x86_64 -cpu Nehalem" / "$folder/packages" "$folder/host/bin/python"

cd "$folder"
"$folder/python" -c 'import w2v; assert w2v.available_isas() == ["scalar"], w2v.available_isas()'
"$folder/host/bin/python" - <<'END'
import random

draw = random.Random(3)
with open("corpus.txt", "w", encoding="utf-8") as file:
    for _ in range(400):
        topic = draw.choice("abc")
        file.write(" ".join(f"{topic}{draw.randrange(12)}" for _ in range(10)) + "\n")
END
options="-q --vector-size 24 --epochs 3 --threads 1 --seed 2"
"$folder/python" -P -m w2v train corpus.txt -o old.bin $options
W2V_ISA=scalar "$folder/host/bin/python" -P -m w2v train corpus.txt -o new.bin $options
cmp old.bin new.bin
"$folder/python" -P -m w2v neighbors old.bin a1 -n 3
[ $# -gt 0 ] || set -- --every 50 -m "not slow" tests/training tests/vectors
tests "$folder/python" "$folder/packages" "$folder/sources" "$@"
result "Linux x86-64 of 2008" yes yes "import, training, queries in qemu" "$passed" "$not_run"
