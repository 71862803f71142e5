#!/usr/bin/env bash
# A step of action.yml: installs goleash from a release, whose checksum has to be right, or builds it with cargo where there is none for this system.
#
# INPUT_VERSION: a release (`v0.1.0`), `source`, or nothing, which is the version of the action itself. GOLEASH_RELEASES: where releases lie, for mirrors.
set -euo pipefail

source=$GITHUB_ACTION_PATH
version=${INPUT_VERSION:-}
if [ -z "$version" ]; then
    version=v$(sed -n 's/^version = "\([0-9.]*\)"$/\1/p' "$source/Cargo.toml" | head -n 1)
fi
target=$RUNNER_TEMP/goleash-bin
mkdir -p "$target"

build() {
    if ! command -v cargo >/dev/null; then
        echo "::error title=goleash::$1, and there is no cargo to build it with"
        exit 1
    fi
    echo "$1; building from source"
    cargo install --locked --quiet --path "$source" --root "$RUNNER_TEMP/goleash-cargo"
    cp "$RUNNER_TEMP/goleash-cargo/bin/"goleash* "$target/"
}

download() {
    local protocols='=https'
    # For tests on this machine.
    case $2 in http://127.0.0.1:*) protocols='=http' ;; esac
    curl --proto "$protocols" --tlsv1.2 --fail --silent --show-error --location --retry 3 --max-time 120 --output "$1" "$2"
}

sum() {
    if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

release() {
    local system archive work wanted got
    case ${RUNNER_OS:-}-${RUNNER_ARCH:-} in
        Linux-X64) system=linux-x64 ;;
        Linux-ARM64) system=linux-arm64 ;;
        macOS-X64) system=darwin-x64 ;;
        macOS-ARM64) system=darwin-arm64 ;;
        Windows-X64) system=win32-x64 ;;
        *)
            build "There is no release for this system"
            return
            ;;
    esac
    archive=goleash-$system.tar.gz
    [ "$system" != win32-x64 ] || archive=goleash-$system.zip
    work=$(mktemp -d)
    local from=${GOLEASH_RELEASES:-https://github.com/goleash/goleash/releases/download}/$version
    if ! download "$work/SHA256SUMS" "$from/SHA256SUMS" || ! download "$work/$archive" "$from/$archive"; then
        build "Release $version cannot be had"
        return
    fi
    # A wrong sum is never mended by another way to install.
    wanted=$(awk -v name="$archive" '$2 == name || $2 == "*" name { print $1 }' "$work/SHA256SUMS")
    got=$(sum "$work/$archive")
    if [ -z "$wanted" ] || [ "$wanted" != "$got" ]; then
        echo "::error title=goleash::$archive of $version has the checksum $got, not ${wanted:-one that is listed}"
        exit 1
    fi
    case $archive in
        *.zip) unzip -q "$work/$archive" -d "$work" ;;
        *) tar -xzf "$work/$archive" -C "$work" ;;
    esac
    cp "$work/goleash-$system/"goleash* "$target/"
    rm -rf "$work"
}

if [ "$version" = source ]; then
    build "As asked"
elif [[ "$version" =~ ^v[0-9]+\.[0-9]+\.[0-9]+$ ]]; then
    release
else
    # Not repeated: it could hold a command for the runner.
    echo "::error title=goleash::The input \`version\` is neither a release such as v0.1.0 nor \`source\`"
    exit 1
fi
echo "$target" >>"$GITHUB_PATH"
"$target/goleash" --version
