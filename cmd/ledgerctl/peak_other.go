//go:build !linux

package main

// resetPeak does nothing where the peak cannot be told.
func resetPeak() {}

// peakMemory is 0: it cannot be told.
func peakMemory() uint64 { return 0 }
