package main

import (
	"os"
	"syscall"
)

// flush puts a file's data on the disk, as the log does.
func flush(f *os.File) error { return syscall.Fdatasync(int(f.Fd())) }
