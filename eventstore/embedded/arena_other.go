//go:build !cgo || !linux

package embedded

// oneArena has nothing to do where the engine's cache is not C's.
func oneArena() {}
