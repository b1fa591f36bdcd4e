// Command reliability prints the figures of docs/reliability.md: what becomes of
// a revocation, of kills, power cuts, damaged files, lost owners and full disks.
//
//	go run ./bench/reliability            the full counts
//	go run ./bench/reliability -ci        few of each
//	go run ./bench/reliability -only kills,flips
//
// Counts gate: where one is not what is promised the exit code is 1. Times are
// targets, printed beside the floor of the same run. It builds the real program
// once, runs it in temporary directories and on loopback ports, ends only what
// it started and removes what it made. Power cuts and full disks need root, loop
// devices and mounts: without them these figures say that they were skipped.
package main
