#!/usr/bin/env bash
# Writes the Homebrew formula of a release to standard output:
#
#   packaging/homebrew/formula.sh VERSION SHA256SUMS > goleash.rb      SHA256SUMS is the release's own
set -euo pipefail
version=${1#v}
sums=$2
if ! [[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]]; then
    echo "formula.sh: \`$1\` is no version such as 0.1.0" >&2
    exit 2
fi
formula=$(sed "s/@VERSION@/$version/g" "$(dirname "$0")/goleash.rb.in")
for system in darwin-arm64 darwin-x64 linux-arm64 linux-x64; do
    sum=$(awk -v name="goleash-$system.tar.gz" '$2 == name || $2 == "*" name { print $1 }' "$sums")
    if ! [[ $sum =~ ^[0-9a-f]{64}$ ]]; then
        echo "formula.sh: $sums has no checksum of goleash-$system.tar.gz" >&2
        exit 1
    fi
    formula=${formula//@$system@/$sum}
done
printf '%s\n' "$formula"
