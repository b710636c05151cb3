//go:build !linux

package main

import "time"

// resetPeak does nothing where the peak cannot be told.
func resetPeak() {}

// peakMemory is 0: it cannot be told.
func peakMemory() uint64 { return 0 }

// processorTime is 0: it is not known here.
func processorTime() time.Duration { return 0 }
