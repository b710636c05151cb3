package sqlstore

import (
	"fmt"
	"slices"
	"strings"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/projections"
)

// instalmentOf reads the columns whole and instalments of a notice number.
func instalmentOf(n domain.NoticeNumber, whole int64, numbers string) (i projections.Instalment) {
	for _, number := range strings.Fields(numbers) {
		i.Rate = append(i.Rate, domain.NoticeNumber(number))
	}
	if whole != 0 {
		i.Whole = projections.NoticeOf(whole)
		i.Rata = slices.Index(i.Rate, n) + 1
	}
	return i
}

// payable is the condition that money for b is awaited: it is sent and not paid, or an
// instalment of what is.
var payable = fmt.Sprintf(`(b.status = %d OR %s)`, domain.BulletinSentOut, payableInstalment)

// payableInstalment is the condition that b is an instalment of what is sent and not
// begun.
var payableInstalment = fmt.Sprintf(`b.status = %d AND EXISTS (
	SELECT 1 FROM bulletins w WHERE w.creditor = b.creditor AND w.notice = b.whole AND w.status = %d)`,
	domain.BulletinAlternative, domain.BulletinSentOut)

var alternativeQuery = billedColumns + `
FROM bulletins b` + billedLines + fmt.Sprintf(`
	AND b.creditor = ? AND b.notice = ? AND b.status = %d
ORDER BY l.line`, domain.BulletinAlternative)

// withInstalments puts after each bulletin the instalments that it can be paid in
// instead, in their order.
func (p *Portal) withInstalments(r *reading, bulletins []projections.PaymentLine) ([]projections.PaymentLine, error) {
	var all []projections.PaymentLine
	for _, b := range bulletins {
		all = append(all, b)
		if b.Rata > 0 {
			continue // its bulletin is begun: those that are left are by themselves
		}
		for _, n := range b.Rate {
			part, err := billed(r, alternativeQuery, p.creditor, projections.NoticeKey(n))
			if err != nil {
				return nil, err
			}
			all = append(all, part...)
		}
	}
	return all, nil
}

// holdAlternatives has a bulletin stand as the instalment of it that is being paid, and
// its instalments as the bulletin: paying one way closes the other.
func holdAlternatives(all []projections.Bulletin) {
	alone := slices.Clone(all)
	for i, b := range alone {
		whole := slices.IndexFunc(alone, func(o projections.Bulletin) bool { return b.Rata > 0 && o.Notice == b.Whole })
		if whole >= 0 {
			hold(&all[i], alone[whole])
			hold(&all[whole], b)
		}
	}
}

func hold(b *projections.Bulletin, as projections.Bulletin) {
	if b.Pending == nil {
		b.Pending = as.Pending
	}
	if b.Verifying == nil {
		b.Verifying = as.Verifying
	}
}
