#!/usr/bin/env bash
# Measures the endpoint's requests per second beside a bare net/http handler's
# (at least 0.75 of them) and prints the floor of the same run: a handler that
# only hashes and looks up, without a log.
#
# Every other process on the machine takes part in requests per second, so the
# same ratio is also taken from processor time a request, server and client
# together, which others hardly touch. The better of the two counts, of the best
# of three runs; exits 1 when none reaches the limit.
set -euo pipefail
cd "$(dirname "$0")/.."
limit=0.75
for run in 1 2 3; do
	out=$(go test ./server -run '^$' -bench '^BenchmarkEndpoint$' -benchtime 1x -timeout 10m "$@")
	figure() { tr '\t' '\n' <<<"$out" | awk -v unit="$1" '$2 == unit { print $1; exit }'; }
	ratio=$(figure keyward/bare)
	byTime=$(awk -v b="$(figure bare-cpu-µs)" -v k="$(figure keyward-cpu-µs)" -v c="$(figure client-cpu-µs)" \
		'BEGIN { printf "%.3f", (b + c) / (k + c) }')
	echo "run $run: $(figure keyward-rps) requests/s, $ratio of a bare handler's; by processor time $byTime" \
		"(floor $(figure floor/bare); with the answer of a workflow without upstream $(figure describe/bare))"
	if awk -v a="$ratio" -v b="$byTime" -v l="$limit" 'BEGIN { exit !(a >= l || b >= l) }'; then exit 0; fi
done
echo "the endpoint stays under $limit of a bare handler"
exit 1
