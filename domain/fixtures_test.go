package domain_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/domaintest"
)

// The invented town that the tests speak of.
var (
	at     = time.Date(2020, 2, 3, 9, 0, 0, 0, time.UTC)
	later  = at.Add(time.Hour)
	paidAt = at.Add(9 * 24 * time.Hour)

	tizio = domain.ParentID{UUID: uuid.MustParse("7c9e6679-7425-40de-944b-e07fc1f90ae7")}
	caia  = domain.ParentID{UUID: uuid.MustParse("16fd2706-8baf-433b-82eb-8c7fada847da")}
	anna  = domain.ConsumerID{UUID: uuid.MustParse("6ba7b810-9dad-41d1-80b4-00c04fd430c8")}
	bruno = domain.ConsumerID{UUID: uuid.MustParse("3d813cbb-47fb-42ba-91df-831e1593ac29")}
	cart  = domain.PaymentID{UUID: uuid.MustParse("886313e1-3b8a-4372-9b90-0c9aee199e5d")}
)

const (
	comune domain.FiscalCode = "12345678903"

	notice      domain.NoticeNumber = "301000000000004285"
	otherNotice domain.NoticeNumber = "301000000000005000"

	refezione  domain.CategoryCode = "REFEZIONE"
	postScuola domain.ServiceCode  = "POST-SCUOLA"
	mensa      domain.ServiceCode  = "MENSA"

	causale = "Pagamento cumulativo servizi vari, periodo dal 01/01/2020 al 31/01/2020. Scadenza pagamento 20/02/2020"
)

// but returns v with one thing changed, to write down what a command gets wrong.
func but[T any](v T, change func(*T)) T {
	change(&v)
	return v
}

// fold returns the state of a stream that holds events.
func fold[S domaintest.Decider[S, C, E], C, E any](events []E) S {
	var s S
	for _, e := range events {
		s = s.Evolve(e)
	}
	return s
}

// long is a text of n characters of two bytes each.
func long(n int) string { return strings.Repeat("è", n) }

// unspeakable are texts that no field of the ledger takes: with control
// characters of each sort, or not UTF-8.
var unspeakable = []string{"a\x00b", "a\nb", "a\x1fb", "a\x7fb", "a\u0085b", "a\u009fb", "a\xffb"}

// badCodes are not codes of a category or a service; goodCodes are, and hold the
// first and the last character of each range.
var (
	badCodes  = []string{"", "mensa", "MENSA SCUOLA", "A/B", "A:B", "A@B", "A[B", "A`B", "A\u0411B", "a", strings.Repeat("X", 41)}
	goodCodes = []string{"A", "AZ09-_", strings.Repeat("X", 40)}
)

// wantRefusal fails the test unless err is the refusal wanted.
func wantRefusal(t *testing.T, name string, err error, want *domain.Refusal) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", name, err, want)
	}
}
