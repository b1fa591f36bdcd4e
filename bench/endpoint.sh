#!/bin/sh
# Measures the endpoint's requests per second beside a bare net/http handler's
# (at least 0.75 of them) and prints the floor of the same run. Run it
# alone on the machine: every process on it takes part.
set -eu
cd "$(dirname "$0")/.."
exec go test ./server -run '^$' -bench '^BenchmarkEndpoint$' -benchtime 1x -timeout 10m "$@"
