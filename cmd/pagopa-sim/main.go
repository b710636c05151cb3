// Command pagopa-sim is the simulated pagoPA platform as a program of its own.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// Exit codes, the same for every command of Saldo.
const (
	exitUsage      = 2 // wrong usage or input
	exitOutOfReach = 3 // the address cannot be listened on
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	stop()
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, "pagopa-sim:", err)
	if _, wrong := errors.AsType[*usageError](err); wrong {
		os.Exit(exitUsage)
	}
	os.Exit(exitOutOfReach)
}
