#!/bin/sh
# The real lefthook or pre-commit, as docs/adopting.md sets it up: a commit that leaks is refused, also where only the index leaks or the file
# lies in a folder, and one that does not is made.
# Usage: tests/hooks.sh path/to/goleash lefthook|pre-commit
#        tests/hooks.sh path/to/wheel.whl pre-commit      the mirror of packaging/pre-commit, which installs the wheel; nothing else is on the path
set -eu
binary=$(realpath "${1:?usage: hooks.sh path/to/goleash lefthook|pre-commit}")
tool=$2
here=$(dirname "$(realpath "$0")")
if ! command -v "$tool" > /dev/null; then
    echo "skipped: there is no $tool" >&2
    exit 0
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/bin" "$dir/shop" "$dir/hooks" "$dir/mirror"
case $binary in
    *.whl) mirror=$dir/mirror ;;
    *) mirror='' && ln -s "$binary" "$dir/bin/goleash" ;;
esac
export PATH="$dir/bin:$PATH" HOME="$dir" GIT_CONFIG_NOSYSTEM=1 NO_COLOR=1

new_repository() {
    cd "$1"
    git init --quiet
    git config user.name Ada
    git config user.email ada@example.com
}

# What the page tells to write into a file.
page() {
    awk -v tool="$tool" 'index($0, "With [" tool "]") == 1 { mine = 1 } /^```$/ { if (mine && inside) exit } inside { print }
        /^```yaml/ { inside = mine }' "$here/../docs/adopting.md"
}

if [ -n "$mirror" ]; then
    export PIP_FIND_LINKS="${binary%/*}"
    version=$(basename "$binary" | cut -d - -f 2)
    new_repository "$mirror"
    "$here/../packaging/pre-commit/mirror.sh" "$version" "$mirror"
    cd "$dir/shop"
    new_repository .
    awk '/^```$/ { inside = 0 } inside { print } /^```yaml/ { inside = 1 }' "$mirror/README.md" |
        sed "s|repo: .*|repo: $mirror|" > .pre-commit-config.yaml
elif [ "$tool" = pre-commit ]; then
    # Nothing but the hooks is wanted of the repository that they come from: the one that builds nothing takes the program of the PATH.
    new_repository "$dir/hooks"
    cp "$here/../.pre-commit-hooks.yaml" .
    git add .
    git commit --quiet --message hooks
    page | sed -e "s|repo: .*|repo: $dir/hooks|" -e "s|rev: .*|rev: $(git rev-parse HEAD)|" -e 's|id: goleash .*|id: goleash-system|' > "$dir/config"
    new_repository "$dir/shop"
    cp "$dir/config" .pre-commit-config.yaml
else
    new_repository "$dir/shop"
    page > lefthook.yml
fi
printf 'module shop\n\ngo 1.22\n' > go.mod
"$tool" install
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
"$tool" --version 2> /dev/null || "$tool" version
echo "accepted: the rest"
