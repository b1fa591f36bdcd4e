#!/usr/bin/env bash
# What keyward takes of a machine: disk blocks and memory with an empty store
# and with 100,000 keys, and how long opening takes. Linux only: it reads
# /proc. Prints each figure beside its limit; exits 1 when one is over.
#   bench/footprint.sh [KEYS]
set -euo pipefail
cd "$(dirname "$0")/.."
keys=${1:-100000}
tmp=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$tmp"' EXIT
CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o "$tmp/keyward" .
go build -o "$tmp/fill" ./bench/fill
failed=0

figure() { # figure NAME VALUE LIMIT UNIT
	local verdict=ok
	[ "$2" -le "$3" ] || { verdict="OVER"; failed=1; }
	printf '%-44s %9s %-4s (limit %s) %s\n' "$1" "$2" "$4" "$3" "$verdict"
}

# serve DIR: starts it, sets pid and ready_ms, waits until it answers.
serve() {
	local start end
	start=$(date +%s%N)
	"$tmp/keyward" serve --data "$1" --listen 127.0.0.1:0 2>"$tmp/log" &
	pid=$!
	for _ in $(seq 1 2000); do
		grep -q 'serving https' "$tmp/log" && break
		kill -0 "$pid" 2>/dev/null || { cat "$tmp/log"; exit 1; }
		sleep 0.005
	done
	end=$(date +%s%N)
	ready_ms=$(((end - start) / 1000000))
}

rss_mb() { awk '/^VmRSS/ {print int($2 / 1024)}' "/proc/$pid/status"; }

stop() { kill -INT "$pid"; wait "$pid" || true; pid=; }

serve "$tmp/empty"
sleep 2
figure "empty store: serve idle, resident" "$(rss_mb)" 40 MB
figure "empty store: disk blocks while open" "$(($(du -s --block-size=1024 "$tmp/empty" | cut -f1)))" 10240 KiB
stop
figure "empty store: disk blocks after closing" "$(($(du -s --block-size=1024 "$tmp/empty" | cut -f1)))" 10240 KiB

"$tmp/fill" --data "$tmp/many" --keys "$keys"
serve "$tmp/many"
figure "$keys keys: exec to ready (a target)" "$ready_ms" 2000 ms
sleep 3
figure "$keys keys: serve idle, resident" "$(rss_mb)" 150 MB
stop
size=$(stat -c %s "$tmp/keyward")
printf '%-44s %9s MB\n' "the program, stripped" "$((size / 1000000))"
exit "$failed"
