package projections_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
	"github.com/saldo-ledger/saldo/projections/projectionstest"
)

func TestReceiptsThatDidNotSimplyPay(t *testing.T) {
	psp := domain.PSP{ID: "ABCDITMM", Name: "Banca di Prova", Method: "cash"}
	duplicated := domain.PaymentDuplicated{Creditor: body, Notice: january, Parent: parent, Receipt: "r2", Amount: 5733, PSP: psp, At: noon}
	held := domain.ReceiptUnmatched{Creditor: body, Notice: january, Receipt: "r3", Amount: 5000, Reason: domain.WrongAmount, PSP: psp, At: noon}
	abroad := held
	abroad.Issuer = "77777777777"
	row := func(position int, rest string) string {
		return fmt.Sprintf("creditor=%s notice=301000000000000185 position=%d %s", body, position, rest)
	}
	const came = " psp=ABCDITMM psp_name=Banca di Prova method=cash paid_at=1580472000000000"
	expect(t, []expectation{
		{"a payment that was the second is a credit until it is given back", []domain.Event{duplicated,
			domain.PaymentRefunded{Creditor: body, Notice: january, Parent: parent, Receipt: "r2", Amount: 5733, Order: "CRO 1", At: noon}},
			projections.ReceiptStays, []string{
				row(1, "kind=2 receipt=r2 parent="+parentHex+" amount=5733"+came),
				row(2, "kind=7 receipt=r2 parent="+parentHex+" amount=5733 occurred_at=1580472000000000 note=CRO 1"),
			}},
		{"of what was applied the surplus is a credit", []domain.Event{held,
			domain.ReceiptApplied{Creditor: body, Notice: january, Parent: parent, Receipt: "r3", Amount: 5000, Surplus: 1000, Lines: issued.Lines, PSP: psp, PaidAt: noon, At: noon, Reason: "Vicino"}},
			projections.ReceiptStays, []string{
				row(1, "kind=1 receipt=r3 amount=5000"+came),
				row(2, "kind=3 receipt=r3 parent="+parentHex+" amount=5000 surplus=1000 psp=ABCDITMM psp_name=Banca di Prova method=cash paid_at=1580472000000000 occurred_at=1580472000000000 note=Vicino"),
			}},
		{"another body's notice is nobody's here", []domain.Event{abroad}, projections.ReceiptStays, nil},
		{"a payment that was revoked", []domain.Event{issued, confirmed,
			domain.PaymentRevoked{Creditor: body, Notice: january, Parent: parent, Receipt: "r1", Amount: 5733, Lines: issued.Lines, Reason: "Storno", At: noon}},
			projections.ReceiptStays, []string{
				row(2, "kind=8 receipt=r1 amount=5733 psp=ABCDITMM psp_name=Banca di Prova method=creditCard paid_at=1580472000000000"),
				row(3, "kind=9 receipt=r1 amount=5733 occurred_at=1580472000000000 note=Storno"),
			}},
	})
}

func TestWhatIsWrittenOffIsKeptByLine(t *testing.T) {
	line := func(consumer domain.ConsumerID, amount domain.Money) domain.Line {
		return domain.Line{Consumer: consumer, Service: "POST", Amount: amount}
	}
	lines := []domain.Line{line(child, 1000), line(other, 2000), line(child, 500)}
	rows := project(t, []domain.Event{domain.ReceiptApplied{
		Creditor: body, Notice: january, Parent: parent, Receipt: "r3", Lines: lines, PaidAt: noon, At: noon,
		WrittenOff: []domain.Line{line(child, 1000), line(other, 7), line(child, 3)},
	}})
	got := strings.Join(rows.Lines(projections.BulletinLines), "\n")
	want := "creditor=12345678901 notice=301000000000000185 line=1 written_off=1000\n" +
		"creditor=12345678901 notice=301000000000000185 line=2 written_off=7\n" +
		"creditor=12345678901 notice=301000000000000185 line=3 written_off=3"
	if got != want {
		t.Errorf("lines:\n%s\nwant:\n%s", got, want)
	}
}

func TestRowsSayWhenTheirEventsWereRecorded(t *testing.T) {
	recorded := time.Date(2020, 2, 1, 8, 30, 0, 0, time.UTC)
	metadata := fmt.Sprintf(`{"$correlationId":"%[1]s","command":"%[1]s","actor":"x","recorded":"%[2]s","hash":"%064d"}`, parentHex, recorded.Format(time.RFC3339Nano), 0)
	var b projections.Batch
	projections.Fold(&b, eventstore.Recorded{Position: 7, Metadata: []byte(metadata)}, issued)
	rows := &projectionstest.Rows{}
	apply(t, rows, 0, 7, &b)
	if got := rows.Lines(projections.Bulletins); !strings.HasSuffix(got[0], fmt.Sprintf("issued_position=7 issued_recorded=%d", recorded.UnixMicro())) {
		t.Errorf("%s", got[0])
	}
}

func TestASchoolYearBeginsInSeptember(t *testing.T) {
	for day, want := range map[domain.Date]domain.SchoolYear{"2020-08-31": "2019-2020", "2020-09-01": "2020-2021", "2021-01-01": "2020-2021"} {
		if got := projections.SchoolYearOf(day); got != want {
			t.Errorf("%s is of %s, want %s", day, got, want)
		}
	}
}
