package server

// The figure: requests per second of the endpoint beside those of a
// bare net/http handler. Each server is a process of its own, with the same
// http.Server settings; rounds are interleaved, and the ratio is the median of
// the rounds' ratios. On a busy machine the processor time a request is steadier:
// it is printed for each server and for the client, which all servers share.
//
//	bare      answers 204
//	floor     one SHA-256 of the header's secret, one map look-up, 204; no log
//	keyward   the endpoint, 100,000 keys, decision log to a file in the default format, text, usage counted; 204
//	json      the same, with the log as JSON
//	describe  as keyward, with the answer of a workflow that has no upstream: 200 and JSON

import (
	"bufio"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

const (
	figureKeys        = 100_000
	figureConnections = 16
	figureRounds      = 41
	figureRound       = 150 * time.Millisecond
	figureEnv         = "KEYWARD_FIGURE_SERVER"
)

var figureServers = []string{"bare", "floor", "keyward", "json", "describe"}

// figureSecrets draws the same secrets in every process.
func figureSecrets(tb testing.TB) []model.Secret {
	random := rand.NewChaCha8([32]byte{1})
	secrets := make([]model.Secret, figureKeys)
	for i := range secrets {
		s, err := model.NewSecret(random)
		if err != nil {
			tb.Fatal(err)
		}
		secrets[i] = s
	}
	return secrets
}

func figureSnapshot(tb testing.TB, secrets []model.Secret) *model.Snapshot {
	env := &model.Environment{ID: 1, Name: "Production", Production: true}
	workflow := &model.Workflow{ID: 2, Name: "Customer lookup", Method: "GET", Path: "/customers/{id}"}
	snapshot, err := model.NewSnapshot(1, []*model.Environment{env}, []*model.Workflow{workflow}, func(yield func(*model.Key) bool) {
		for i, s := range secrets {
			key := &model.Key{
				ID: model.ID(i + 1), Name: "key " + strconv.Itoa(i), Kind: model.TokenKey, State: model.Enabled,
				Workflows: []model.ID{2}, Primary: model.Slot{Digest: s.Digest()},
			}
			if !yield(key) {
				return
			}
		}
	})
	if err != nil {
		tb.Fatal(err)
	}
	return snapshot
}

// TestFigureServer is no test: BenchmarkEndpoint runs it as a process.
func TestFigureServer(t *testing.T) {
	which := os.Getenv(figureEnv)
	if which == "" {
		return
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() { // the parent closes our standard input
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	fmt.Println("listening", l.Addr())
	if err := serveFigure(t, ctx, which, l); err != nil {
		t.Fatal(err)
	}
}

func serveFigure(t *testing.T, ctx context.Context, which string, l net.Listener) error {
	secrets := figureSecrets(t)
	noContent := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	out, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		return err
	}
	defer func() { _ = out.Close() }()
	lines := NewLogWriter(out)
	defer func() { _ = lines.Close() }()
	snapshot := figureSnapshot(t, secrets)
	var newest atomic.Uint64
	newest.Store(snapshot.Seq())
	o := Options{
		Snapshot: func() *model.Snapshot { return snapshot }, Newest: newest.Load, Meter: new(model.Meter),
		Log: slog.New(NewLogHandler(lines, which == "json", slog.LevelInfo)),
	}
	if which != "describe" {
		o.Invoke = noContent
	}
	e, err := New(o)
	if err != nil {
		return err
	}
	if which != "bare" && which != "floor" {
		return e.Serve(ctx, Listeners{Plain: l})
	}
	srv := e.httpServer(ctx)
	srv.Handler = noContent
	if which == "floor" {
		srv.Handler = floorHandler(secrets, noContent)
	}
	go func() { <-ctx.Done(); _ = srv.Close() }()
	_ = srv.Serve(l)
	return nil
}

func floorHandler(secrets []model.Secret, next http.Handler) http.Handler {
	known := make(map[[sha256.Size]byte]int, len(secrets))
	for i, s := range secrets {
		known[s.Digest()] = i
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secret := strings.TrimPrefix(r.Header.Get("Authorization"), "Key=")
		if _, ok := known[sha256.Sum256([]byte(secret))]; !ok {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// BenchmarkEndpoint prints the figure; run it with -benchtime 1x, alone on the
// machine.
func BenchmarkEndpoint(b *testing.B) {
	secrets := figureSecrets(b)
	requests := make([][]byte, 4096)
	for i := range requests {
		requests[i] = fmt.Appendf(nil, "GET /customers/%d HTTP/1.1\r\nHost: localhost\r\nUser-Agent: figure\r\nAuthorization: Key=%s\r\n\r\n",
			i, secrets[rand.IntN(len(secrets))].Reveal())
	}
	servers := map[string]figureServer{}
	spent := map[string]float64{"client": -cpuTime(os.Getpid())}
	for _, which := range figureServers {
		servers[which] = startFigureServer(b, which)
		spent[which] = -cpuTime(servers[which].pid)
	}
	rate, answers := map[string][]float64{}, 0.0
	for b.Loop() {
		for range figureRounds {
			for _, which := range figureServers {
				rate[which] = append(rate[which], load(b, servers[which].addr, requests))
			}
		}
	}
	for _, which := range figureServers {
		b.ReportMetric(median(rate[which]), which+"-rps")
		n := 0.0
		for _, r := range rate[which] {
			n += r * figureRound.Seconds()
		}
		answers += n
		b.ReportMetric((spent[which]+cpuTime(servers[which].pid))/n*1e6, which+"-cpu-µs")
	}
	b.ReportMetric((spent["client"]+cpuTime(os.Getpid()))/answers*1e6, "client-cpu-µs")
	for _, which := range figureServers[1:] {
		ratios := make([]float64, len(rate[which]))
		for i := range ratios {
			ratios[i] = rate[which][i] / rate["bare"][i]
		}
		b.ReportMetric(median(ratios), which+"/bare")
	}
}

type figureServer struct {
	addr string
	pid  int
}

// cpuTime returns the processor time that a process has used, in seconds; 0
// where there is no /proc.
func cpuTime(pid int) float64 {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest) // from the third of proc(5) on: utime and stime are the 14th and 15th
	user, _ := strconv.ParseFloat(fields[11], 64)
	system, _ := strconv.ParseFloat(fields[12], 64)
	return (user + system) / 100 // USER_HZ
}

func startFigureServer(b *testing.B, which string) figureServer {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run", "^TestFigureServer$")
	cmd.Env = append(os.Environ(), figureEnv+"="+which)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	addr, ok := strings.CutPrefix(strings.TrimSpace(line), "listening ")
	if err != nil || !ok {
		b.Fatalf("the %s server said %q: %v", which, line, err)
	}
	return figureServer{addr, cmd.Process.Pid}
}

// load sends requests on kept-alive connections for one round and returns how
// many were answered a second.
func load(b *testing.B, addr string, requests [][]byte) float64 {
	var answered atomic.Int64
	var wg sync.WaitGroup
	start := time.Now()
	end := start.Add(figureRound)
	for n := range figureConnections {
		wg.Go(func() {
			count, err := loadOne(addr, requests[n*len(requests)/figureConnections:], end)
			if err != nil {
				b.Error(err)
			}
			answered.Add(count)
		})
	}
	wg.Wait()
	return float64(answered.Load()) / time.Since(start).Seconds()
}

func loadOne(addr string, requests [][]byte, end time.Time) (count int64, err error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return 0, err
	}
	defer func() { _ = conn.Close() }()
	buf := make([]byte, 8<<10)
	for time.Now().Before(end) {
		for range 32 {
			request := requests[int(count)%len(requests)]
			if _, err := conn.Write(request); err != nil {
				return count, err
			}
			n, err := readAnswer(conn, buf)
			if err != nil {
				return count, err
			}
			if string(buf[9:12]) != "204" && string(buf[9:12]) != "200" {
				return count, fmt.Errorf("answered %q", buf[:n])
			}
			count++
		}
	}
	return count, nil
}

// readAnswer reads one answer, which comes in one piece on loopback: nothing
// else is under way on the connection.
func readAnswer(conn net.Conn, buf []byte) (int, error) {
	n := 0
	for {
		m, err := conn.Read(buf[n:])
		if err != nil {
			return n, err
		}
		n += m
		if s := buf[:n]; n > 4 && (string(s[n-4:]) == "\r\n\r\n" || s[n-1] == '\n' && s[n-2] == '}') {
			return n, nil
		}
	}
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
