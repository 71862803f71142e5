#!/bin/sh
# A real client: Emacs without a window sees a leak, applies the fix, and the leak is gone. The set-up is the one of editors/emacs/README.md.
# Usage: tests/editors/emacs.sh path/to/goleash [eglot|lsp-mode]
set -eu
binary=$(realpath "${1:?usage: emacs.sh path/to/goleash [eglot|lsp-mode]}")
here=$(dirname "$(realpath "$0")")
if ! command -v emacs > /dev/null; then
    echo "skipped: there is no emacs" >&2
    exit 0
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/bin" "$dir/m"
ln -s "$binary" "$dir/bin/goleash"
printf 'module m\n\ngo 1.22\n' > "$dir/m/go.mod"
cp "$here/leak.go" "$dir/m/leak.go"
export PATH="$dir/bin:$PATH" HOME="$dir" LEAK_DIR="$dir/m" CLIENT="${2:-eglot}" PAGE="$here/../../editors/emacs/README.md"
timeout 120 emacs --batch -l "$here/emacs.el"
