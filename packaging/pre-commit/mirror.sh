#!/usr/bin/env bash
# Brings the mirror for pre-commit to a version of goleash whose wheels are published:
#
#   packaging/pre-commit/mirror.sh VERSION FOLDER      as in 0.1.0 ../goleash-pre-commit
#
# FOLDER is a clone of the mirror, or a new folder, which becomes a repository. The version is committed and tagged; pushing is left to whoever runs this.
set -euo pipefail
version=${1#v}
mirror=$2
here=$(cd "$(dirname "$0")" && pwd)
if ! [[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]]; then
    echo "mirror.sh: \`$1\` is no version such as 0.1.0" >&2
    exit 2
fi
mkdir -p "$mirror"
[ -e "$mirror/.git" ] || git -C "$mirror" init --quiet --initial-branch main
sed "s/@VERSION@/$version/g" "$here/pyproject.toml.in" > "$mirror/pyproject.toml"
sed "s/v0\.1\.0/v$version/g" "$here/README.md" > "$mirror/README.md"
cp "$here/hooks.yaml" "$mirror/.pre-commit-hooks.yaml"
cp "$here/../../LICENSE-MIT" "$here/../../LICENSE-APACHE" "$mirror/"
cd "$mirror"
git add .
git commit --quiet --message "goleash $version"
git tag "v$version"
echo "$mirror: v$version"
