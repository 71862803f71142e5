#!/bin/sh
# The extension in a real VS Code, which code-server serves to a Chromium without a window: it shows a leak, mends it, and excuses another.
# Usage: tests/editors/vscode.sh path/to/goleash
#
# CODE_SERVER is the folder of the npm package code-server (its own installation may have to be helped along: what matters is that
# `node out/node/entry.js --version` works there), PLAYWRIGHT that of playwright-core, CHROMIUM the browser. Makes the package first if there is none.
set -eu
binary=$(realpath "${1:?usage: vscode.sh path/to/goleash}")
here=$(dirname "$(realpath "$0")")
extension=$here/../../editors/vscode
if [ -z "${CODE_SERVER:-}" ]; then
    echo "skipped: CODE_SERVER does not say where code-server is" >&2
    exit 0
fi
if ! ls "$extension"/*.vsix > /dev/null 2>&1; then
    (cd "$extension" && npm ci && npm run package)
fi
dir=$(mktemp -d)
server=
trap 'test -z "$server" || kill "$server"; rm -rf "$dir"' EXIT
mkdir -p "$dir/m" "$dir/data/User"
printf 'module m\n\ngo 1.22\n' > "$dir/m/go.mod"
cp "$here/leak.go" "$dir/m/leak.go"
cat > "$dir/data/User/settings.json" <<JSON
{ "goleash.path": "$binary", "security.workspace.trust.enabled": false, "workbench.startupEditor": "none", "telemetry.telemetryLevel": "off" }
JSON
serve() {
    node "$CODE_SERVER/out/node/entry.js" --user-data-dir "$dir/data" --extensions-dir "$dir/extensions" --config "$dir/config.yaml" "$@"
}
port=${PORT:-8378}
echo 'auth: none' > "$dir/config.yaml"
serve --version
serve --install-extension "$(ls "$extension"/*.vsix)"
node "$CODE_SERVER/out/node/entry.js" --user-data-dir "$dir/data" --extensions-dir "$dir/extensions" --config "$dir/config.yaml" \
    --bind-addr "127.0.0.1:$port" --disable-telemetry --disable-update-check > "$dir/log" 2>&1 &
server=$!
sleep 5
ADDRESS="http://127.0.0.1:$port" LEAK_DIR="$dir/m" timeout 240 node "$here/vscode.js" || { tail -20 "$dir/log"; exit 1; }
