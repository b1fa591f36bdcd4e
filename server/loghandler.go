package server

import (
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"time"

	"dev.keyward/keyward/model"
)

// LogHandler is slog's JSON or text handler over a LogWriter, with a quicker
// way for the one record that every request makes: as JSON it is written
// directly, with the same members. BenchmarkHandler has what that saves: 0.6 µs
// a request in place of 3. WithAttrs and WithGroup return slog's own.
type LogHandler struct {
	slog.Handler
	lines   *LogWriter
	json    bool
	buffers *sync.Pool
}

// NewLogHandler returns a handler that writes to lines, as JSON or as text,
// what is of level or above.
func NewLogHandler(lines *LogWriter, json bool, level slog.Leveler) *LogHandler {
	options := &slog.HandlerOptions{Level: level}
	h := &LogHandler{lines: lines, json: json, Handler: slog.NewTextHandler(lines, options)}
	if json {
		h.Handler = slog.NewJSONHandler(lines, options)
	}
	h.buffers = &sync.Pool{New: func() any { return &jsonSink{b: make([]byte, 0, 1<<10)} }}
	return h
}

// record writes the record of x.
func (h *LogHandler) record(x *exchange, level slog.Level, reason string, now time.Time) {
	s := h.buffers.Get().(*jsonSink)
	b := append(s.b[:0], `{"time":"`...)
	b = now.AppendFormat(b, time.RFC3339Nano)
	b = append(b, `","level":"`...)
	b = append(b, level.String()...)
	b = append(b, `","msg":"`+recordMessage+`"`...)
	s.b = b
	x.fields(s, reason, now)
	s.b = append(s.b, "}\n"...)
	_, _ = h.lines.Write(s.b) // It never fails.
	h.buffers.Put(s)
}

// jsonSink appends fields as members of a JSON object.
type jsonSink struct{ b []byte }

// key begins a member, and makes room for a short value.
func (s *jsonSink) key(key string) {
	b := slices.Grow(s.b, len(key)+20)
	b = append(b, ',', '"')
	b = append(b, key...)
	s.b = append(b, '"', ':')
}

func (s *jsonSink) text(key, value string) {
	if value != "" {
		s.key(key)
		s.b = appendJSON(s.b, value)
	}
}

func (s *jsonSink) id(key string, value model.ID) {
	const digits = "0123456789abcdef"
	if value == 0 {
		return
	}
	s.key(key)
	var text [18]byte
	text[0], text[17] = '"', '"'
	for i := 16; i > 0; i-- {
		text[i] = digits[value&15]
		value >>= 4
	}
	s.b = append(s.b, text[:]...)
}

func (s *jsonSink) number(key string, value int64) {
	s.key(key)
	s.b = strconv.AppendInt(s.b, value, 10)
}

func (s *jsonSink) flag(key string, value bool) {
	s.key(key)
	s.b = strconv.AppendBool(s.b, value)
}
