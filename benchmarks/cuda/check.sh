#!/usr/bin/env bash
# The check on a CUDA card: see README.md. It needs a Linux with an NVIDIA driver, Python 3.8 and PyTorch, and the
# archive that make.sh made; nothing of .NET. Everything it writes lies in the folder given with --out.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)

python=python3 limit=300 previous=
for argument in "$@"; do
    [ "$previous" = --python ] && python=$argument
    case $argument in
    --python=*) python=${argument#*=} ;;
    --quick) limit=90 ;;
    esac
    previous=$argument
done
command -v "$python" >/dev/null || {
    echo "check.sh: no $python; give a Python that has PyTorch with --python PATH." >&2
    exit 2
}

# Nothing is written into the tree. The programs and the random checkpoint, 1 GB, are nothing to bring back.
export PYTHONDONTWRITEBYTECODE=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The steps have budgets of their own; this is for what they do not catch.
timeout --kill-after=5 "$limit" "$python" "$here/check.py" --work "$work" --limit "$((limit - 5))" "$@"
