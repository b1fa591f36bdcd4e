#!/usr/bin/env bash
# The console's figures: exec to first frame (medians, in a real
# pseudo-terminal) and key press to frame with 100,000 keys, each beside its
# floor, a bare Bubble Tea program in the same run. Run it alone on the machine.
# Exits 1 when a target is missed.
#   bench/console.sh [RUNS]
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${1:-20}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o "$tmp/keyward" .
go build -o "$tmp/console" ./bench/console
go test -c -o "$tmp/bare" ./tui
failed=0

figure() { # figure NAME MEDIAN WORST LIMIT
	local verdict=
	if [ "$4" != - ]; then
		verdict="(target $4 ms) ok"
		[ "$2" -le "$4" ] || { verdict="(target $4 ms) OVER"; failed=1; }
	fi
	printf '%-44s median %4s ms  worst %4s ms  %s\n' "$1" "$2" "$3" "$verdict"
}

read -r median worst < <(KEYWARD_BARE_TEA=1 "$tmp/console" -n "$runs" -until ready -- "$tmp/bare")
figure "floor: a bare Bubble Tea program" "$median" "$worst" -
read -r median worst < <("$tmp/console" -n "$runs" -until Welcome -- "$tmp/keyward" --data "$tmp/data")
figure "empty store: exec to first frame" "$median" "$worst" 150
echo
go test ./tui -run '^$' -bench '^Benchmark(KeyPress|View|Open)' -benchtime 300x
exit "$failed"
