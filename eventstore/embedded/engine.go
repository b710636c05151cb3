package embedded

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// What the engine may use. With the cache (Options.CacheBytes) it bounds the
// memory of a log, however long the log grows.
const (
	memTableBytes  = 32 << 20
	memTables      = 3 // filling, being flushed, waiting
	blockBytes     = 32 << 10
	tableBytes     = 8 << 20 // in the top level; each level below has tables twice as large
	openFiles      = 500
	filterBitsAKey = 10
)

// engineOptions returns the settings of the engine. They suit keys of which
// most come in ascending order, values of a few hundred bytes, and no deletions.
func engineOptions(opts Options, g *guard, lock *pebble.Lock) *pebble.Options {
	log := engineLog{opts.Logger}
	o := &pebble.Options{
		FS:       opts.FS,
		Lock:     lock,
		ReadOnly: opts.ReadOnly,
		Logger:   log,
		// Fixed, so that a newer engine does not change the files unasked.
		FormatMajorVersion:          pebble.FormatTableFormatV6,
		CacheSize:                   cacheSize(opts),
		MemTableSize:                memTableBytes,
		MemTableStopWritesThreshold: memTables,
		MaxOpenFiles:                openFiles,
		CompactionConcurrencyRange:  func() (int, int) { return 1, 2 },
		EventListener: &pebble.EventListener{
			BackgroundError: g.strain.background,
			FlushEnd:        g.strain.flushed,
			// The engine's default would end the process here; a reader that meets
			// the damage gets a *CorruptError.
			DataCorruption: func(i pebble.DataCorruptionInfo) {
				opts.Logger.Error("a file of the log is damaged", "what", i.String())
			},
			DiskSlow: func(i pebble.DiskSlowInfo) { opts.Logger.Warn("the disk is slow", "what", i.String()) },
			WriteStallBegin: func(i pebble.WriteStallBeginInfo) {
				opts.Logger.Warn("the log is waiting for its disk", "what", i.Reason)
			},
		},
	}
	o.Experimental.ReadSamplingMultiplier = -1 // reading is no reason to rewrite a log
	o.Experimental.SpanPolicyFunc = eventsApart
	o.TargetFileSizes[0] = tableBytes
	o.Levels[0].BlockSize = blockBytes
	o.Levels[0].FilterPolicy = bloom.FilterPolicy(filterBitsAKey)
	// Compressed for speed: replays read everything, and personal data, being
	// sealed, does not compress anyway.
	o.ApplyCompressionSettings(func() pebble.DBCompressionSettings { return pebble.DBCompressionFastest })
	if opts.FS == vfs.Default {
		o.WithFSDefaults() // watches for slow disks
	}
	g.FS, o.FS = o.FS, g
	return o
}

// eventsApart has no table hold both events and entries of the index, for the engine
// splits tables where a policy ends. The events of a table then all follow those of
// the tables before it, and need not be merged with them and written again.
func eventsApart(start []byte) (_ pebble.SpanPolicy, end []byte, _ error) {
	if len(start) == 0 || start[0] <= eventPrefix {
		return pebble.SpanPolicy{}, []byte{eventPrefix + 1}, nil
	}
	return pebble.SpanPolicy{}, nil, nil
}

// cacheSize returns the engine's cache for opts.CacheBytes of blocks. The engine
// takes its memory for what was written last out of the cache, and nothing may be
// left of that: then each append to a new stream would read the filters of the
// tables from the disk, over and over.
func cacheSize(opts Options) int64 {
	if opts.ReadOnly {
		return opts.CacheBytes
	}
	return opts.CacheBytes + memTables*memTableBytes
}

// engineLog passes on what the engine has to say.
type engineLog struct{ log *slog.Logger }

func (l engineLog) Infof(format string, args ...any) {
	if l.log.Enabled(context.Background(), slog.LevelDebug) {
		l.log.Debug(fmt.Sprintf(format, args...))
	}
}

func (l engineLog) Errorf(format string, args ...any) {
	l.log.Error(fmt.Sprintf(format, args...))
}

// Fatalf must not return: the engine relies on that. What it can be called for
// once the log is open, the guard keeps from it, bar mistakes in the engine.
func (l engineLog) Fatalf(format string, args ...any) {
	reason := fmt.Sprintf(format, args...)
	l.log.Error("the log's engine cannot go on", "err", reason)
	panic("embedded: " + reason)
}
