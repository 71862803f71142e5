#!/bin/sh
# The real lefthook, with the configuration of docs/adopting.md: a commit that leaks is refused, also where only the index leaks or the file
# lies in a folder, and one that does not is made.
# Usage: tests/lefthook.sh path/to/goleash
set -eu
binary=$(realpath "${1:?usage: lefthook.sh path/to/goleash}")
page=$(realpath "$(dirname "$0")/../docs/adopting.md")
if ! command -v lefthook > /dev/null; then
    echo "skipped: there is no lefthook" >&2
    exit 0
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/bin" "$dir/shop"
ln -s "$binary" "$dir/bin/goleash"
export PATH="$dir/bin:$PATH" HOME="$dir" GIT_CONFIG_NOSYSTEM=1 NO_COLOR=1
cd "$dir/shop"
git init --quiet
git config user.name Ada
git config user.email ada@example.com
awk '/^With \[lefthook\]/ { mine = 1 } /^```$/ { if (mine && inside) exit } inside { print } /^```yaml/ { inside = mine }' "$page" > lefthook.yml
printf 'module shop\n\ngo 1.22\n' > go.mod
lefthook install
leaking='package shop\n\nfunc Start(ask func() int) {\n\tch := make(chan int)\n\tgo func() { ch <- ask() }()\n}\n'

refused() {
    if git commit --quiet --message "$1" > "$dir/said" 2>&1; then
        echo "not refused: $1"
        exit 1
    fi
    grep -q 'blocked-send' "$dir/said" || { cat "$dir/said"; exit 1; }
    echo "refused: $1"
}

git add .
git commit --quiet --message "no Go yet"
printf '%b' "$leaking" > leak.go
git add leak.go
refused "a leak"
printf '%b' "$leaking" | sed 's/int)$/int, 1)/' > leak.go
refused "a leak in the index"
git add leak.go
git commit --quiet --message "mended"
mkdir sub
printf '%b' "$leaking" > sub/leak.go
git add sub
refused "a leak in a folder"
test "$(git log --format=%s | tr '\n' ,)" = "mended,no Go yet,"
lefthook version
echo "accepted: the rest"
