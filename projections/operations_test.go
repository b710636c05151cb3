package projections_test

import (
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/projections"
)

func TestReceiptsToResolve(t *testing.T) {
	psp := domain.PSP{ID: "ABCDITMM", Name: "Banca di Prova", Method: "creditCard"}
	row := func(notice domain.NoticeNumber, rest, waits string) string {
		return "creditor=" + string(body) + " receipt=r2 notice=" + string(notice) + rest +
			" psp=ABCDITMM psp_name=Banca di Prova method=creditCard paid_at=1580472000000000" + waits
	}
	decided := " note=Come chiesto resolved_at=1580472000000000"
	its := " parent=" + parentHex
	duplicated := domain.PaymentDuplicated{Creditor: body, Notice: january, Parent: parent, Receipt: "r2", Amount: 5733, PSP: psp, At: noon}
	wrong := domain.ReceiptUnmatched{Creditor: body, Notice: january, Receipt: "r2", Amount: 1, Reason: domain.WrongAmount, Expected: 5733, PSP: psp, At: noon}
	strange := domain.ReceiptUnmatched{Creditor: body, Notice: "not a number", Receipt: "r2", Amount: 1, Reason: domain.UnknownNotice, PSP: psp, At: noon}
	due := domain.RefundDue{Creditor: body, Notice: january, Parent: parent, Receipt: "r2", Amount: 1, Reason: "Come chiesto", At: noon}
	back := domain.PaymentRefunded{Creditor: body, Notice: january, Parent: parent, Receipt: "r2", Amount: 1, Order: "CRO 1", At: noon}
	applied := domain.ReceiptApplied{Creditor: body, Notice: january, Parent: parent, Receipt: "r2", Amount: 6000, Lines: issued.Lines, Surplus: 267, Reason: "Come chiesto", At: noon}
	disowned := domain.ReceiptDisowned{Creditor: body, Notice: january, Receipt: "r2", Amount: 1, Reason: "Come chiesto", At: noon}
	moved := domain.ReceiptReassigned{Creditor: body, Notice: january, Receipt: "r2", Amount: 1, To: february, Move: 1, Reason: "Come chiesto", At: noon}
	expect(t, []expectation{
		{"a second payment waits to be refunded", []domain.Event{issued, confirmed, duplicated}, projections.ReceiptsToResolve, []string{
			row(january, " reason=duplicate amount=5733", " waits=2"+its),
		}},
		{"a wrong amount is shown with the right one", []domain.Event{issued, wrong}, projections.ReceiptsToResolve, []string{
			row(january, " reason=wrong-amount amount=1 expected=5733", " waits=1"),
		}},
		{"a receipt can name anything", []domain.Event{strange}, projections.ReceiptsToResolve, []string{
			row("not a number", " reason=unknown-notice amount=1", " waits=1"),
		}},
		{"one of another body's notice says whose", []domain.Event{but(wrong, domain.ForeignNotice)}, projections.ReceiptsToResolve, []string{
			row(january, " issuer=77777777777 reason=foreign-notice amount=1", " waits=1"),
		}},
		{"what is to be refunded waits for the bank", []domain.Event{wrong, due}, projections.ReceiptsToResolve, []string{
			row(january, " reason=wrong-amount amount=1 expected=5733", " waits=2"+its+decided),
		}},
		{"what was given back waits for nothing", []domain.Event{wrong, due, back}, projections.ReceiptsToResolve, []string{
			row(january, " reason=wrong-amount amount=1 expected=5733", its+" note=CRO 1 resolved_at=1580472000000000"),
		}},
		{"of what was applied the surplus waits", []domain.Event{issued, wrong, applied}, projections.ReceiptsToResolve, []string{
			row(january, " reason=wrong-amount amount=267 expected=5733", " waits=2"+its+decided),
		}},
		{"what was applied and fits waits for nothing", []domain.Event{issued, wrong, short}, projections.ReceiptsToResolve, []string{
			row(january, " reason=wrong-amount amount=1 expected=5733", decided),
		}},
		{"what is disowned waits for nothing", []domain.Event{wrong, disowned}, projections.ReceiptsToResolve, []string{
			row(january, " reason=wrong-amount amount=1 expected=5733", decided),
		}},
		{"what was moved is where it went", []domain.Event{wrong, moved, strange}, projections.ReceiptsToResolve, []string{
			row("not a number", " reason=unknown-notice amount=1", " waits=1"),
		}},
		{"one that fits waits for nobody", []domain.Event{issued, confirmed}, projections.ReceiptsToResolve, nil},
	})
}

// short is a bulletin closed with all but a cent given up.
var short = domain.ReceiptApplied{
	Creditor: body, Notice: january, Parent: parent, Receipt: "r2", Amount: 1, Lines: issued.Lines, PSP: confirmed.PSP, PaidAt: noon,
	WrittenOff: []domain.Line{{Consumer: child, Service: "POST", Amount: 5732}}, Reason: "Come chiesto", At: noon,
}

// but is a receipt that came for another body's notice.
func but(e domain.ReceiptUnmatched, why domain.Unmatched) domain.ReceiptUnmatched {
	e.Reason, e.Issuer, e.Expected = why, "77777777777", 0
	return e
}

func TestWhatCanBeDoneAboutAReceipt(t *testing.T) {
	for want, r := range map[string]projections.ReceiptToResolve{
		"apply refund disown": {Waits: projections.WaitsForDecision, Amount: 1},
		"disown":              {Waits: projections.WaitsForDecision},
		"refunded":            {Waits: projections.WaitsForRefund, Amount: 1},
		"":                    {Amount: 1},
	} {
		if got := strings.Join(r.Can(), " "); got != want {
			t.Errorf("%+v: %q, want %q", r, got, want)
		}
	}
}

func TestUnreadableMessages(t *testing.T) {
	filed := domain.UnreadableFiled{Channel: domain.ChannelPaForNode, Reason: "not XML", SHA256: "abc", At: noon}
	expect(t, []expectation{
		{"an unreadable message waits for a person", []domain.Event{filed}, projections.Unreadable, []string{
			"sha256=abc channel=paForNode reason=not XML received_at=1580472000000000",
		}},
	})
}
