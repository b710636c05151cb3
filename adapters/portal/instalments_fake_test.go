package portal

import (
	"fmt"
	"slices"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/projections"
)

// inThree adds a bulletin of 60,00 € that can be paid in three instalments, and returns
// its number and theirs.
func (w *world) inThree() (whole domain.NoticeNumber, rate []domain.NoticeNumber) {
	whole = w.raise(70, tizio, 6000)
	for i := range uint64(3) {
		rate = append(rate, w.raise(71+i, tizio, 2000))
	}
	w.find(whole).Rate = rate
	for i, n := range rate {
		part := w.find(n)
		part.Instalment = projections.Instalment{Rata: i + 1, Whole: whole, Rate: rate}
		part.Causale += fmt.Sprintf(" - rata %d di 3", i+1)
	}
	return whole, rate
}

func (w *world) closed(n domain.NoticeNumber) bool { return w.find(n).receipt != nil }

// begun reports whether an instalment of a bulletin is paid.
func (w *world) begun(b Bulletin) bool { return slices.ContainsFunc(b.Rate, w.closed) }

// offered reports whether b is to be paid: instalments are until their bulletin is
// paid, and it is until one of them is.
func (w *world) offered(b owned) bool {
	switch {
	case b.receipt != nil:
		return false
	case b.Rata > 0:
		return !w.closed(b.Whole)
	}
	return !w.begun(b.Bulletin)
}

// owed reports whether b counts in the saldo: an instalment once it is begun.
func (w *world) owed(b owned) bool {
	return w.offered(b) && (b.Rata == 0 || w.begun(b.Bulletin))
}
