package projections_test

import (
	"testing"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/projections"
)

func TestReceiptsToResolve(t *testing.T) {
	psp := domain.PSP{ID: "ABCDITMM", Name: "Banca di Prova", Method: "creditCard"}
	row := func(notice domain.NoticeNumber, rest string) string {
		return "creditor=" + string(body) + " receipt=r2 notice=" + string(notice) + rest +
			" psp=ABCDITMM psp_name=Banca di Prova method=creditCard paid_at=1580472000000000"
	}
	duplicated := domain.PaymentDuplicated{Creditor: body, Notice: january, Parent: parent, Receipt: "r2", Amount: 5733, PSP: psp, At: noon}
	wrong := domain.ReceiptUnmatched{Creditor: body, Notice: january, Receipt: "r2", Amount: 1, Reason: domain.WrongAmount, Expected: 5733, PSP: psp, At: noon}
	strange := domain.ReceiptUnmatched{Creditor: body, Notice: "not a number", Receipt: "r2", Amount: 1, Reason: domain.UnknownNotice, PSP: psp, At: noon}
	expect(t, []expectation{
		{"a second payment waits to be refunded", []domain.Event{issued, confirmed, duplicated}, projections.ReceiptsToResolve, []string{
			row(january, " reason=duplicate amount=5733"),
		}},
		{"a wrong amount is shown with the right one", []domain.Event{issued, wrong}, projections.ReceiptsToResolve, []string{
			row(january, " reason=wrong-amount amount=1 expected=5733"),
		}},
		{"a receipt can name anything", []domain.Event{strange}, projections.ReceiptsToResolve, []string{
			row("not a number", " reason=unknown-notice amount=1"),
		}},
		{"one that fits waits for nobody", []domain.Event{issued, confirmed}, projections.ReceiptsToResolve, nil},
	})
}

func TestUnreadableMessages(t *testing.T) {
	filed := domain.UnreadableFiled{Channel: domain.ChannelPaForNode, Reason: "not XML", SHA256: "abc", At: noon}
	expect(t, []expectation{
		{"an unreadable message waits for a person", []domain.Event{filed}, projections.Unreadable, []string{
			"sha256=abc channel=paForNode reason=not XML received_at=1580472000000000",
		}},
	})
}
