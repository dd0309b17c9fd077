#!/usr/bin/env bash
# Builds the libtorch peer and makes it run on this machine, without root. Run it again after each build of the peer.
#
# * Where the system's libstdc++ is older than GCC 13.2, as Debian 12's is, the libraries of Debian 13 are put into a
#   folder of artifacts and the program is told to use them. They need Debian 13's glibc, and that its own loader; so
#   the program's interpreter and library path are changed, and nothing outside of it. Needs apt-get and patchelf.
# * On a processor that is not Intel's, the MKL of libtorch runs AVX2 kernels even where there is AVX-512: half the
#   speed. One function says whose processor it is; a library with another answer lets MKL look at the processor's
#   features instead, and compare.py loads it first. Needs cc.
set -euo pipefail

suite=trixie
needed=GLIBCXX_3.4.32
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
program=$root/artifacts/bin/LibtorchPeer/release_linux-x64/LibtorchPeer
folder=$root/artifacts/peers
libraries=$folder/$suite/usr/lib/x86_64-linux-gnu

refuse() {
    echo "$*" >&2
    exit 1
}

has_needed() {
    local library
    library=$(ldconfig -p | awk '/libstdc\+\+\.so\.6 \(.*x86-64/ { print $NF; exit }')
    [ -n "$library" ] && grep -aq "$needed" "$library"
}

# Beside the lists of this machine's apt, which stay as they are.
fetch() {
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null ||
        refuse "libstdc++ lacks $needed, and there is no apt-get to fetch Debian 13's; install that of GCC 13.2."
    local archive apt=$folder/apt
    archive=$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' |
        awk '$1 == "Debian" { print $2; exit }')
    [ -n "$archive" ] || refuse "apt has no Debian archive; run apt-get update first."
    mkdir -p "$apt"/{lists/partial,cache/archives/partial,sources,packages}
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $archive $suite main" >"$apt/sources/it.list"
    local own=(-qq -o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$apt/sources"
        -o "Dir::State::lists=$apt/lists" -o "Dir::Cache=$apt/cache" -o "APT::Sandbox::User=$(id -un)")
    apt-get "${own[@]}" update
    (cd "$apt/packages" && apt-get "${own[@]}" download libc6 libstdc++6 libgcc-s1)
    local package new=$folder/$suite.new
    for package in "$apt"/packages/*.deb; do
        dpkg-deb -x "$package" "$new"
    done
    mv -T "$new" "$folder/$suite"
}

dotnet build -c Release "$here" --verbosity quiet --nologo "-clp:ErrorsOnly;NoSummary"
mkdir -p "$folder"
if ! has_needed; then
    [ -e "$libraries/libstdc++.so.6" ] || fetch
    command -v patchelf >/dev/null || refuse "patchelf is missing; apt-get install patchelf."
    patchelf --set-interpreter "$libraries/ld-linux-x86-64.so.2" --force-rpath --set-rpath "$libraries" "$program"
fi
if grep -q AuthenticAMD /proc/cpuinfo; then
    command -v cc >/dev/null || refuse "cc is missing; apt-get install gcc."
    echo 'int mkl_serv_intel_cpu_true(void) { return 1; }' |
        cc -shared -fPIC -nostdlib -x c - -o "$folder/libmkl-any-cpu.so"
fi
"$program" --check "$root"/tests/golden/tiny-{gqa-tied-f32,mha-untied-bf16-sharded,window-f16} >/dev/null
echo "$program runs."
