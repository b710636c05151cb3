package main

import (
	"context"
	"errors"
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
	slices.Sort(all)
	return row{
		What: what, Clients: n, Count: uint64(len(all)), PerSecond: float64(len(all)) / took.Seconds(),
		P50: all[len(all)/2], P99: all[len(all)*99/100], Max: all[len(all)-1],
	}, nil
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
