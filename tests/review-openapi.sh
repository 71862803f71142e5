#!/usr/bin/env bash
# Holds every request of `goleash review` to GitHub's published description of its API: Prism serves the description and refuses what it does not allow.
#
#   tests/review-openapi.sh
#
# Needs npm; skips without it, so that no one has to have Node to work on goleash. The tools are kept in $GOLEASH_OPENAPI_TOOLS between runs, else in a
# temporary folder.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v npm >/dev/null; then
    echo "review-openapi: skipped, npm is not installed"
    exit 0
fi
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$work"' EXIT
tools=${GOLEASH_OPENAPI_TOOLS:-$work/tools}
mkdir -p "$tools"
if [ ! -d "$tools/node_modules/@stoplight/prism-cli" ] || [ ! -d "$tools/node_modules/@octokit/openapi" ]; then
    npm install --silent --no-audit --no-fund --prefix "$tools" @octokit/openapi @stoplight/prism-cli
fi
cargo build --quiet
goleash=$PWD/target/debug/goleash

# A pull request that brings two files: one leak for a new comment, one for a comment that is there and reads differently.
mkdir "$work/repo"
cat >"$work/repo/new.go" <<'GO'
package leak

import "context"

func All(ctx context.Context, urls []string) (string, error) {
	results := make(chan string)
	go func() {
		results <- urls[0]
	}()
	select {
	case r := <-results:
		return r, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
GO
sed 's/All/Old/' "$work/repo/new.go" >"$work/repo/old.go"
for file in new.go old.go; do
    lines=$(wc -l <"$work/repo/$file")
    printf 'diff --git a/%s b/%s\nnew file mode 100644\n--- /dev/null\n+++ b/%s\n@@ -0,0 +1,%d @@\n' $file $file $file "$lines"
    sed 's/^/+/' "$work/repo/$file"
done >"$work/pr.diff"
cd "$work/repo"
review=("$goleash" review --diff "$work/pr.diff" --repo octocat/hello --number 7)
"${review[@]}" --commit 0123456789 --dry-run | tail -n +2 >"$work/dry.json"

# Only the paths about pull requests, for a quick start; and as the example of what is there, the comment on old.go with another text.
node - "$tools/node_modules/@octokit/openapi/generated/api.github.com.json" "$work" <<'JS'
const fs = require("fs");
const [description, work] = process.argv.slice(2);
const api = JSON.parse(fs.readFileSync(description, "utf8"));
const wanted = path => path === "/user" || path.startsWith("/repos/{owner}/{repo}/pulls");
api.paths = Object.fromEntries(Object.entries(api.paths).filter(([path]) => wanted(path)));
const review = JSON.parse(fs.readFileSync(`${work}/dry.json`, "utf8"));
const old = review.comments.find(comment => comment.path === "old.go");
const list = api.paths["/repos/{owner}/{repo}/pulls/{pull_number}/comments"].get.responses["200"].content["application/json"];
const resolve = example => example.$ref ? example.$ref.slice(2).split("/").reduce((at, key) => at[key], api) : example;
const [comment] = structuredClone(resolve(Object.values(list.examples)[0]).value);
const body = old.body.replace(/goleash:text:\w+/, "goleash:text:0000000000000000");
const { in_reply_to_id, ...rest } = comment;
list.examples = { default: { value: [{ ...rest, id: 42, line: old.line, start_line: old.start_line, body }] } };
// Not all of GitHub's own examples fit its schemas of answers. Requests are what is judged here.
const pull = api.paths["/repos/{owner}/{repo}/pulls/{pull_number}"].get.responses["200"].content["application/json"];
delete pull.schema;
fs.writeFileSync(`${work}/api.json`, JSON.stringify(api));
JS

port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
"$tools/node_modules/.bin/prism" mock --errors --port "$port" "$work/api.json" >"$work/prism.log" 2>&1 &
server=$!
for _ in $(seq 1 120); do
    ! grep -q "is listening" "$work/prism.log" || break
    kill -0 "$server" || { cat "$work/prism.log"; exit 1; }
    sleep 0.5
done

# Without --commit, so that the head is asked for too.
said=$(GITHUB_TOKEN=none-of-anybody "${review[@]}" --api "http://127.0.0.1:$port" --first-pause 5) || { cat "$work/prism.log"; exit 1; }
echo "$said"
requests=$(grep -oE '\] (get|post|patch) /[^ ]*' "$work/prism.log" | sed 's/^\] //')
echo "$requests"
failed=0
[ "$said" = "Posted 1 comment and 0 in the summary. Updated 1 comment. 1 posted before." ] || failed=1
for wanted in "get /user" "get /repos/octocat/hello/pulls/7" "get /repos/octocat/hello/pulls/7/comments" "get /repos/octocat/hello/pulls/7/reviews" \
    "post /repos/octocat/hello/pulls/7/reviews" "patch /repos/octocat/hello/pulls/comments/42"; do
    grep -qxF "$wanted" <<<"$requests" || { echo "not asked: $wanted"; failed=1; }
done
if grep -E '✖|Violation|violation' "$work/prism.log"; then failed=1; fi

# The judge has to be able to say no.
wrong=$(curl -s -o /dev/null -w '%{http_code}' -X POST -H 'content-type: application/json' -d '{"event":"LIKE","comments":[{"path":1}]}' \
    "http://127.0.0.1:$port/repos/octocat/hello/pulls/7/reviews")
[ "$wrong" = 422 ] || { echo "a wrong request was answered with $wrong"; failed=1; }
[ "$failed" = 0 ] && echo "review-openapi: all requests are as the description says"
exit "$failed"
