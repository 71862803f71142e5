#!/bin/sh
# A real client: headless Neovim sees a leak, applies the fix, and the leak is gone.
# Usage: tests/editors/neovim.sh path/to/goleash
set -eu
binary=$(realpath "${1:?usage: neovim.sh path/to/goleash}")
here=$(dirname "$(realpath "$0")")
if ! command -v nvim > /dev/null; then
    echo "skipped: there is no nvim" >&2
    exit 0
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
printf 'module m\n\ngo 1.22\n' > "$dir/go.mod"
cp "$here/leak.go" "$dir/leak.go"
export XDG_CONFIG_HOME="$dir" XDG_DATA_HOME="$dir" XDG_STATE_HOME="$dir" XDG_CACHE_HOME="$dir" LEAK_DIR="$dir" GOLEASH="$binary"
timeout 90 nvim --headless -u NONE -i NONE -c "luafile $here/neovim.lua"
