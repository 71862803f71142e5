#!/usr/bin/env bash
# Builds goleash for a system and packs it with its manual pages and completions:
#
#   packaging/archive.sh SYSTEM [TARGET]      as in linux-x64 x86_64-unknown-linux-musl; without TARGET, for this machine
#
# Leaves dist/goleash-SYSTEM.tar.gz, or .zip for Windows. The manual pages and completions come from the binary that was built, so it has to
# run here.
set -euo pipefail
cd "$(dirname "$0")/.."

system=$1
target=${2:-}
name=goleash-$system
exe=goleash
[[ $system != win32-* ]] || exe=goleash.exe

cargo build --profile dist --locked --bin goleash ${target:+--target "$target"}
binary=${CARGO_TARGET_DIR:-target}/${target:+$target/}dist/$exe

rm -rf "dist/$name"
mkdir -p "dist/$name/completions" "dist/$name/man"
cp "$binary" README.md CHANGELOG.md LICENSE-MIT LICENSE-APACHE "dist/$name/"
for shell in bash elvish fish powershell zsh; do
    "dist/$name/$exe" completions "$shell" > "dist/$name/completions/goleash.$shell"
done
"dist/$name/$exe" man "dist/$name/man"

cd dist
if [[ $system == win32-* ]]; then
    7z a -bso0 "$name.zip" "$name"
else
    tar --create --gzip --file "$name.tar.gz" "$name"
fi
rm -rf "$name"
echo "dist/$name"
