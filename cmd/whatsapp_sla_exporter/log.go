package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"syscall"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	sloggokit "github.com/tjhop/slog-gokit"
)

// logFlags are --log.level and --log.format, in Prometheus' manner.
type logFlags struct{ level, format string }

func addLogFlags(app *kingpin.Application) *logFlags {
	f := &logFlags{}
	app.Flag("log.level", "Only log messages with the given severity or above. One of: [debug, info, warn, error]").
		Default("info").EnumVar(&f.level, "debug", "info", "warn", "error")
	app.Flag("log.format", "Output format of log messages. One of: [logfmt, json]").
		Default("logfmt").EnumVar(&f.format, "logfmt", "json")
	return f
}

// loggers returns the project's logger and a slog view of it for the libraries that want log/slog.
func (f *logFlags) loggers(w io.Writer) (log.Logger, *slog.Logger) {
	base := log.NewLogfmtLogger(log.NewSyncWriter(w))
	if f.format == "json" {
		base = log.NewJSONLogger(log.NewSyncWriter(w))
	}
	base = level.NewFilter(base, level.Allow(level.ParseDefault(f.level, level.InfoValue())))
	var min slog.Level
	_ = min.UnmarshalText([]byte(f.level)) // kingpin lets only these four through
	// The slog view adds time and caller itself, so it takes the logger without them.
	view := slog.New(sloggokit.NewGoKitHandler(timestamped{base}, min))
	return log.With(base, "ts", log.DefaultTimestampUTC, "caller", log.DefaultCaller), view
}

// timestamped writes the time of slog's records as all other lines have it: a search for ts finds them, too.
type timestamped struct{ log.Logger }

func (l timestamped) Log(keyvals ...any) error {
	for i := 0; i+1 < len(keyvals); i += 2 {
		if at, ok := keyvals[i+1].(time.Time); ok && keyvals[i] == slog.TimeKey {
			keyvals[i], keyvals[i+1] = "ts", at.UTC().Format(time.RFC3339Nano)
			break // what follows are the record's own
		}
	}
	return l.Logger.Log(keyvals...)
}

// scrapeLog is the log of the metrics handler. A scraper that hangs up is its own business: it would be logged
// once for every metric family that it did not want any more.
type scrapeLog struct{ *slog.Logger }

func (l scrapeLog) Println(v ...any) {
	for _, x := range v {
		if err, ok := x.(error); ok && (errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)) {
			return
		}
	}
	l.Error("metrics not served whole", "err", fmt.Sprint(v...))
}
