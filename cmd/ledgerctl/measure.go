package main

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// measure calls do from n goroutines for a while. The first error ends it.
func measure(ctx context.Context, what string, n int, length time.Duration, do func(context.Context) error) (row, error) {
	ctx, cancel := context.WithTimeout(ctx, length)
	defer cancel()
	var mu sync.Mutex
	var all []time.Duration
	var failed atomic.Pointer[error]
	start := time.Now()
	var group sync.WaitGroup
	for range n {
		group.Go(func() {
			own, err := loop(ctx, do)
			if err != nil {
				failed.CompareAndSwap(nil, &err)
				cancel()
			}
			mu.Lock()
			all = append(all, own...)
			mu.Unlock()
		})
	}
	group.Wait()
	took := time.Since(start)
	if err := failed.Load(); err != nil {
		return row{}, *err
	}
	if len(all) == 0 {
		return row{}, errors.New("nothing was done in the time given")
	}
	return timed(what, n, all, took), nil
}

// timed is the row of calls that took so long each, and all together.
func timed(what string, n int, all []time.Duration, took time.Duration) row {
	slices.Sort(all)
	return row{
		What: what, Clients: n, Count: uint64(len(all)), PerSecond: float64(len(all)) / took.Seconds(),
		P50: all[len(all)/2], P99: all[len(all)*99/100], Max: all[len(all)-1],
	}
}

func loop(ctx context.Context, do func(context.Context) error) ([]time.Duration, error) {
	var own []time.Duration
	for {
		begin := time.Now()
		err := do(ctx)
		if ctx.Err() != nil {
			return own, nil // the time is over; a call cut short does not count
		}
		if err != nil {
			return own, err
		}
		own = append(own, time.Since(begin))
	}
}

// fewest is how many questions are asked at least, however long that takes.
const fewest = 20

// measureQuestions measures one client that asks one question after the other, each to its end: for
// a while, and at least a few.
func measureQuestions(ctx context.Context, what string, length time.Duration, question func(context.Context) error) (row, error) {
	var all []time.Duration
	start := time.Now()
	for len(all) < fewest || time.Since(start) < length {
		begin := time.Now()
		if err := question(ctx); err != nil {
			return row{}, err
		}
		all = append(all, time.Since(begin))
	}
	return timed(what, 1, all, time.Since(start)), nil
}

// bareFile appends as many bytes as an issued bulletin takes to a plain file and
// flushes it, one after the other.
func bareFile(ctx context.Context, p pace) (row, error) {
	file, err := os.CreateTemp(p.dir, "bench-*")
	if err != nil {
		return row{}, err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	record := make([]byte, 1500)
	return measure(ctx, "bare file, append and flush", 1, min(p.length(), 5*time.Second), func(context.Context) error {
		if _, err := file.Write(record); err != nil {
			return err
		}
		return flush(file)
	})
}

// figures are what a measurement came to.
type figures interface {
	print(w io.Writer, asJSON bool) error
	check() error // whether what was measured was right
}

// report prints figures, unless there was an error, and says whether they are right.
func report(w io.Writer, f figures, err error, asJSON bool) error {
	if err == nil {
		err = f.print(w, asJSON)
	}
	if err != nil {
		return outOfReach(err)
	}
	return f.check()
}
