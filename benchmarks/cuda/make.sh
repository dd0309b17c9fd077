#!/usr/bin/env bash
# Builds what check.sh runs on a machine without .NET, and packs it: artifacts/cuda-check.tar.xz, or the path given.
# Fails if the archive and the files of the repository together are larger than what is carried to that machine.
set -euo pipefail
cd "$(dirname "$0")/../.."

case ${1-} in
-*)
    echo "usage: bash benchmarks/cuda/make.sh [ARCHIVE]" >&2
    exit 2
    ;;
esac
archive=${1:-artifacts/cuda-check.tar.xz}
most=$((60 << 20))
work=artifacts/cuda-check
pack=$work/pack

# The command and the tests share one folder, and so one runtime. Builds of their own leave those of every day alone.
rm -rf "$pack"
mkdir -p "$pack/tests/reference" "$(dirname "$archive")"
for project in src/RatIlgpu.Cli tests/RatIlgpu.Ilgpu.Tests; do
    dotnet publish "$project" -c Release -r linux-x64 --self-contained -v quiet --artifacts-path "$work/build" \
        -o "$pack/program" -p:DebugType=none
done
rm -f "$pack"/program/*.xml

# The tests look for their references below the folder that has the solution.
cp RatIlgpu.sln "$pack"
cp -r tests/golden "$pack/tests"
cp tests/reference/attribution_fixture.json "$pack/tests/reference"
commit=$(git rev-parse HEAD)
[ -z "$(git status --porcelain)" ] || commit="$commit with uncommitted changes"
echo "$commit" >"$pack/commit.txt"

export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
env -u DOTNET_ROOT "$pack/program/RatIlgpu.Cli" devices >"$work/devices.txt" || {
    echo "The packed command does not run." >&2
    exit 1
}
tar -C "$pack" --sort=name --owner=0 --group=0 --numeric-owner --mtime=2000-01-01 -cf - . | xz -T0 >"$archive"

packed=$(stat -c %s "$archive")
tracked=$(git ls-files -z --recurse-submodules | xargs -0 stat -c %s | awk '{ n += $1 } END { print n }')
echo "$archive: $packed bytes, of commit $commit"
echo "files of the repository: $tracked bytes; together $(((packed + tracked) / 1024)) of $((most / 1024)) KiB"
if [ $((packed + tracked)) -gt "$most" ]; then
    echo "Together they are larger than $most bytes: leave out of the archive what the check does not need." >&2
    exit 1
fi
