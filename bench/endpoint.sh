#!/usr/bin/env bash
# Measures the endpoint's requests per second beside a bare net/http handler's
# (at least 0.75 of them) and prints the floor of the same run: a handler that
# only hashes and looks up, without a log. Every process on the machine takes
# part, so the best of three runs counts; exits 1 when none reaches it.
set -euo pipefail
cd "$(dirname "$0")/.."
for run in 1 2 3; do
	out=$(go test ./server -run '^$' -bench '^BenchmarkEndpoint$' -benchtime 1x -timeout 10m "$@")
	ratio=$(grep -oE '[0-9.]+ keyward/bare' <<<"$out" | cut -d' ' -f1)
	floor=$(grep -oE '[0-9.]+ floor/bare' <<<"$out" | cut -d' ' -f1)
	describe=$(grep -oE '[0-9.]+ describe/bare' <<<"$out" | cut -d' ' -f1)
	rps=$(grep -oE '[0-9]+ keyward-rps' <<<"$out" | cut -d' ' -f1)
	echo "run $run: $rps requests/s, $ratio of a bare handler's (floor $floor; with the answer of a workflow without upstream $describe)"
	if awk -v r="$ratio" 'BEGIN { exit !(r >= 0.75) }'; then exit 0; fi
done
echo "the endpoint stays under 0.75 of a bare handler"
exit 1
