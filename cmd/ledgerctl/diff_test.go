package main

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/embedded"
)

// exits says whether an error ends the program with a code and says something.
func exits(err error, code int, says string) bool {
	exit, ok := errors.AsType[*exitError](err)
	return ok && exit.code == code && strings.Contains(err.Error(), says)
}

func TestChangesThatDoNotAddUpAreFound(t *testing.T) {
	s := newSummary(audit.Question{}, audit.Figures{From: 100, Until: 350})
	s.add(audit.Change{Class: audit.Late, Amount: 200})
	s.add(audit.Change{Class: audit.Correction, Amount: 49})
	if err := s.check(); !exits(err, exitFound, "the events add up to 2.49, but the balance changed by 2.50: they differ by -0.01") {
		t.Errorf("a cent is missing: %v", err)
	}
	s.add(audit.Change{Class: audit.InTime, Amount: 1})
	if err := s.check(); err != nil {
		t.Errorf("they add up: %v", err)
	}
}

func TestAFigureIsOfOneCreditor(t *testing.T) {
	q := audit.Question{Account: "bank"}
	var many []audit.Figures
	for _, c := range []domain.FiscalCode{"1", "2", "3", "4", "5", "6"} {
		many = append(many, audit.Figures{Creditor: c})
	}
	if err := notOne(q, many[:2]); !exits(err, exitUsage, "--creditor: account bank is in the books of 2 creditors (1, 2): name one") {
		t.Error(err)
	}
	if err := notOne(q, many); !exits(err, exitUsage, "of 6 creditors (1, 2, 3, 4, 5, …): name one") {
		t.Error(err)
	}
}

func TestAnEmptyLogHasNoFigures(t *testing.T) {
	log, err := embedded.Open("log", embedded.Options{FS: vfs.NewMem()})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	if err := diff(t.Context(), log, audit.Question{Account: "bank"}, newChangePrinter(io.Discard, false)); !exits(err, exitFound, "the log holds no event") {
		t.Errorf("diff: %v", err)
	}
	if err := nothingMoved(t.Context(), log, ""); !exits(err, exitFound, "the log holds no event") {
		t.Errorf("trial balance: %v", err)
	}
}
