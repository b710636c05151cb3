package reconciliation_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/reconciliation"
)

const (
	body = domain.FiscalCode("12345678903")
	psp  = "PROVAIT1XXX"
	day  = domain.Date("2026-01-13") // a Tuesday
)

// soon is before anything is late, late after everything is.
var (
	soon = time.Date(2026, 1, 13, 18, 0, 0, 0, time.UTC)
	late = time.Date(2026, 2, 13, 18, 0, 0, 0, time.UTC)
	paid = time.Date(2026, 1, 12, 9, 0, 0, 0, time.UTC)
)

func notice(n int) domain.NoticeNumber {
	number, err := domain.NewNoticeNumber(1, uint64(n))
	if err != nil {
		panic(err)
	}
	return number
}

func receipt(n int, amount domain.Money) reconciliation.Receipt {
	return reconciliation.Receipt{ID: iur(n), Notice: notice(n), Amount: amount, PSP: psp, PaidAt: paid, Filed: true}
}

func iur(n int) domain.ReceiptID { return domain.ReceiptID(fmt.Sprintf("iur%d", n)) }

func line(n int, amount domain.Money) reconciliation.Line {
	return reconciliation.Line{Number: n, Issued: true, FlowLine: domain.FlowLine{IUV: notice(n).IUV(), Receipt: iur(n), Index: 1, Amount: amount, Date: "2026-01-12"}}
}

// flow is a flow of these lines, with a header that says so.
func flow(id string, lines ...reconciliation.Line) reconciliation.Flow {
	version := domain.FlowVersion{Creditor: body, PSP: psp, ID: id, Created: soon}
	cmd := domain.FileFlow{FlowVersion: version}
	for i := range lines {
		lines[i].Number = i + 1
		cmd.Lines = append(cmd.Lines, lines[i].FlowLine)
	}
	cmd = cmd.Totalled()
	return reconciliation.Flow{
		FlowVersion: version, Key: version.Key(), RegulationDate: day, DeclaredCount: int64(len(lines)), DeclaredTotal: cmd.Sum,
		Count: cmd.Count, Sum: cmd.Sum, Distinct: cmd.Distinct, Revoked: cmd.Revoked, Lines: lines,
	}
}

func credit(id, flow string, amount domain.Money) reconciliation.Credit {
	return reconciliation.Credit{
		CaseMovement: domain.CaseMovement{Movement: id, Amount: amount, Booked: day, Value: day},
		PagoPA:       true, Flows: []string{flow}, Matched: flow,
	}
}

// Each case names what it is about, and what the flow, its first line, the first lonely
// receipt and the first lonely credit come to; empty for none.
func TestOutcomes(t *testing.T) {
	type facts = reconciliation.Facts
	whole := func(change func(*facts)) facts {
		f := facts{
			Receipts: []reconciliation.Receipt{receipt(1, 8450), receipt(2, 4000)},
			Flows:    []reconciliation.Flow{flow("F1", line(1, 8450), line(2, 4000))},
			Credits:  []reconciliation.Credit{credit("s/1", "F1", 12450)},
		}
		change(&f)
		return f
	}
	for _, c := range []struct {
		name                        string
		facts                       facts
		now                         time.Time
		flow, line, receipt, credit reconciliation.Outcome
		detail                      string
	}{
		{name: "all three agree", facts: whole(func(*facts) {}), flow: "quadrato", line: "quadrato"},
		{name: "a receipt before its flow", facts: whole(func(f *facts) { f.Flows, f.Credits = nil, nil }), now: soon, receipt: "in-attesa-di-flusso"},
		{name: "a receipt without a flow", facts: whole(func(f *facts) { f.Flows, f.Credits = nil, nil }), receipt: "rt-senza-fdr"},
		{name: "a receipt that the PSP's flow leaves out", facts: whole(func(f *facts) { f.Receipts = append(f.Receipts, receipt(3, 100)) }),
			flow: "quadrato", line: "quadrato", receipt: "rt-in-eccesso"},
		{name: "a line without a receipt", facts: whole(func(f *facts) { f.Receipts = f.Receipts[1:] }), flow: "fdr-senza-rt", line: "fdr-senza-rt"},
		{name: "a line of code 9 without a receipt", facts: whole(func(f *facts) {
			f.Receipts, f.Flows[0].Lines[0].Outcome = f.Receipts[1:], domain.FlowNoReceipt
		}), flow: "quadrato", line: "pagato-senza-rt"},
		{name: "a payment that a line stood in for", facts: whole(func(f *facts) { f.Receipts[0].Filed = false }), flow: "quadrato", line: "pagato-senza-rt"},
		{name: "a flow before its credit", facts: whole(func(f *facts) { f.Credits = nil }), now: soon, flow: "in-attesa-di-accredito", line: "quadrato"},
		{name: "a flow without a credit", facts: whole(func(f *facts) { f.Credits = nil }), flow: "fdr-senza-accredito", line: "quadrato"},
		{name: "a credit before its flow", facts: whole(func(f *facts) { f.Flows, f.Receipts = nil, nil }), now: soon, credit: "in-attesa-di-flusso"},
		{name: "a credit without a flow", facts: whole(func(f *facts) { f.Flows, f.Receipts = nil, nil }), credit: "accredito-senza-fdr"},
		{name: "less than the flow, too late for the rest", facts: whole(func(f *facts) { f.Credits[0].Amount = 12350 }), flow: "importo-diverso", line: "quadrato",
			detail: "flusso 124,50 €, banca 123,50 €"},
		{name: "less than the flow, and the rest can come", facts: whole(func(f *facts) { f.Credits[0].Amount = 12350 }), now: soon, flow: "parziale", line: "quadrato"},
		{name: "two credits that make the flow", facts: whole(func(f *facts) {
			f.Credits = []reconciliation.Credit{credit("s/1", "F1", 12000), credit("s/2", "F1", 450)}
		}), flow: "quadrato", line: "quadrato"},
		{name: "a credit twice in one statement", facts: whole(func(f *facts) { f.Credits = append(f.Credits, credit("s/2", "F1", 12450)) }), flow: "doppio", line: "quadrato"},
		{name: "a credit in two statements", facts: whole(func(f *facts) { f.Credits = append(f.Credits, credit("t/1", "F1", 12450)) }), flow: "quadrato", line: "quadrato"},
		{name: "a credit taken back", facts: whole(func(f *facts) {
			back := credit("s/2", "F1", 12450)
			back.Reversal = true
			f.Credits = append(f.Credits, back)
		}), flow: "storno", line: "quadrato"},
		{name: "a credit taken back and made again", facts: whole(func(f *facts) {
			back := credit("s/2", "F1", 12450)
			back.Reversal = true
			f.Credits = append(f.Credits, back, credit("s/3", "F1", 12450))
		}), flow: "quadrato", line: "quadrato"},
		{name: "a line of another amount", facts: whole(func(f *facts) { f.Receipts[0].Amount = 8500 }), flow: "importo-diverso", line: "importo-diverso",
			detail: "ricevuta 85,00 €, flusso 84,50 €"},
		{name: "two transfers of one payment", facts: whole(func(f *facts) {
			second := line(1, 450)
			second.Index = 2
			f.Flows = []reconciliation.Flow{flow("F1", line(1, 8000), second, line(2, 4000))}
		}), flow: "quadrato", line: "quadrato"},
		{name: "a second payment of one notice", facts: whole(func(f *facts) { f.Receipts[0].Second = true }), flow: "doppio", line: "doppio"},
		{name: "a payment that was given back", facts: whole(func(f *facts) {
			revoked := line(1, 8450)
			revoked.Outcome = domain.FlowRevoked
			f.Flows = []reconciliation.Flow{flow("F1", revoked, line(2, 4000))}
		}), flow: "revocato", line: "revocato"},
		{name: "a revoked payment that the transfer leaves out", facts: whole(func(f *facts) {
			revoked := line(1, 8450)
			revoked.Outcome = domain.FlowRevoked
			f.Flows, f.Credits[0].Amount = []reconciliation.Flow{flow("F1", revoked, line(2, 4000))}, 4000
		}), flow: "revocato", line: "revocato"},
		{name: "a line twice", facts: whole(func(f *facts) {
			f.Flows = []reconciliation.Flow{flow("F1", line(1, 8450), line(1, 8450), line(2, 4000))}
		}), flow: "riga-ripetuta", line: "quadrato"},
		{name: "a line in two flows", facts: whole(func(f *facts) {
			f.Flows = append(f.Flows, flow("F2", line(1, 8450)))
			f.Flows[1].Created = soon.Add(-time.Hour)
			f.Credits = append(f.Credits, credit("s/2", "F2", 8450))
		}), flow: "quadrato", line: "quadrato"},
		{name: "a header that the lines do not bear out", facts: whole(func(f *facts) { f.Flows[0].DeclaredTotal += 100 }), flow: "intestazione-errata", line: "quadrato",
			detail: "dichiarati 125,50 €, righe 124,50 €"},
		{name: "a number that nobody gave out", facts: whole(func(f *facts) { f.Receipts, f.Flows[0].Lines[0].Issued = f.Receipts[1:], false }),
			flow: "iuv-sconosciuto", line: "iuv-sconosciuto"},
		{name: "a receipt of another number", facts: whole(func(f *facts) { f.Receipts[0].Notice = notice(9) }), flow: "iuv-sconosciuto", line: "iuv-sconosciuto"},
		{name: "a line of another system", facts: whole(func(f *facts) { f.Receipts, f.Flows[0].Lines[0].IUV = f.Receipts[1:], "45000000000004285" }),
			flow: "quadrato", line: "altra-segregazione"},
		{name: "our part of another body's notice", facts: whole(func(f *facts) {
			f.Receipts[0].Issuer, f.Flows[0].Lines[0].IUV, f.Receipts[0].Notice = "99999999999", "02000000000004285", "302000000000004285"
		}), flow: "quadrato", line: "quadrato"},
		{name: "a correction replaces", facts: whole(func(f *facts) {
			wrong := flow("F1", line(1, 8450))
			wrong.Created, wrong.Key = soon.Add(-time.Hour), "earlier"
			f.Flows = append(f.Flows, wrong)
		}), flow: "quadrato", line: "quadrato"},
		{name: "a person accepted the difference", facts: whole(func(f *facts) {
			f.Credits, f.Accepted = nil, map[domain.Subject]bool{domain.SubjectOfFlow("F1"): true}
		}), flow: "accettato", line: "quadrato", detail: "FdR senza accredito"},
		{name: "a single transfer of the old form", facts: whole(func(f *facts) {
			f.Flows, f.Receipts = nil, f.Receipts[:1]
			f.Credits[0].Flows, f.Credits[0].Matched, f.Credits[0].IUV, f.Credits[0].Amount = nil, "", notice(1).IUV(), 8450
		}), receipt: "bonifico-singolo", credit: "bonifico-singolo"},
		{name: "a credit that may be the flow's", facts: whole(func(f *facts) { f.Credits[0].Matched, f.Credits[0].PagoPA = "", false }),
			flow: "fdr-senza-accredito", line: "quadrato", credit: "accredito-senza-fdr"},
		{name: "a credit that is not pagoPA's", facts: whole(func(f *facts) {
			f.Credits = append(f.Credits, reconciliation.Credit{CaseMovement: domain.CaseMovement{Movement: "s/9", Amount: 1, Booked: day, Value: day}})
		}), flow: "quadrato", line: "quadrato"},
		{name: "a match that somebody else has to confirm", facts: whole(func(f *facts) { f.Credits[0].Standing = domain.MatchWaits }), flow: "fdr-senza-accredito", line: "quadrato"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.now.IsZero() {
				c.now = late
			}
			got := reconciliation.Match(c.facts, reconciliation.Terms{Segregation: 1, Now: c.now})
			var flow, line, receipt, credit reconciliation.Outcome
			var detail string
			for _, f := range got.Flows {
				if f.ID == "F1" {
					flow, line, detail = f.Outcome, f.Found[0].Outcome, f.Detail
				}
			}
			if len(got.Receipts) > 0 {
				receipt = got.Receipts[0].Outcome
			}
			if len(got.Credits) > 0 {
				credit = got.Credits[0].Outcome
			}
			if c.name == "a line in two flows" { // that made first has it
				flow, line = got.Flows[0].Outcome, got.Flows[0].Found[0].Outcome
				if got.Flows[1].Found[0].Outcome != "riga-ripetuta" {
					t.Errorf("the flow made later has it too: %+v", got.Flows[1].Found[0].Finding)
				}
			}
			if flow != c.flow || line != c.line || receipt != c.receipt || credit != c.credit {
				t.Errorf("flow %q, line %q, receipt %q, credit %q", flow, line, receipt, credit)
			}
			if c.detail != "" && detail != c.detail {
				t.Errorf("it says %q, want %q", detail, c.detail)
			}
			orders(t, c.facts, reconciliation.Terms{Segregation: 1, Now: c.now}, got)
		})
	}
}

// orders shuffles the facts: whatever the order, the book is the same.
func orders(t *testing.T, f reconciliation.Facts, terms reconciliation.Terms, want reconciliation.Book) {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		r.Shuffle(len(f.Receipts), func(i, j int) { f.Receipts[i], f.Receipts[j] = f.Receipts[j], f.Receipts[i] })
		r.Shuffle(len(f.Flows), func(i, j int) { f.Flows[i], f.Flows[j] = f.Flows[j], f.Flows[i] })
		r.Shuffle(len(f.Credits), func(i, j int) { f.Credits[i], f.Credits[j] = f.Credits[j], f.Credits[i] })
		if got := reconciliation.Match(f, terms); !reflect.DeepEqual(got, want) {
			t.Fatalf("in another order\n%+v\nwant\n%+v", got, want)
		}
	}
}

// Banks tell of a flow's id and of no sender.
func TestTwoPSPsFlowsOfOneIDAreTwoFlows(t *testing.T) {
	other := flow("F1", line(3, 4000))
	other.PSP, other.Key = "ALTRAIT1XXX", "other"
	f := reconciliation.Facts{
		Receipts: []reconciliation.Receipt{receipt(1, 8450), receipt(3, 4000)},
		Flows:    []reconciliation.Flow{flow("F1", line(1, 8450)), other},
		Credits:  []reconciliation.Credit{credit("s/1", "F1", 8450), credit("s/2", "F1", 4000)},
	}
	terms := reconciliation.Terms{Segregation: 1, Now: late}
	got := reconciliation.Match(f, terms)
	if len(got.Flows) != 2 || got.Flows[0].Outcome != "quadrato" || got.Flows[1].Outcome != "quadrato" || reconciliation.Apart(got.Flows) != 0 {
		t.Errorf("%+v", got.Flows)
	}
	orders(t, f, terms, got)

	f.Credits = f.Credits[1:]
	for _, r := range reconciliation.Match(f, terms).Flows {
		if want := map[string]reconciliation.Outcome{psp: "fdr-senza-accredito", other.PSP: "quadrato"}[r.PSP]; r.Outcome != want {
			t.Errorf("%s: %s, want %s", r.PSP, r.Outcome, want)
		}
	}
	rules := domain.Rules{All: []domain.AcceptanceRule{{Number: 1, Outcome: "fdr-senza-accredito", UpTo: 10_000}}}
	if all := reconciliation.Acceptances(reconciliation.Match(f, terms), rules, late); len(all) != 0 {
		t.Errorf("a rule accepts for two PSPs: %+v", all)
	}
}

func TestAProposalIsAFlowOfTheSameSumNearby(t *testing.T) {
	lonely := credit("s/1", "", 12450)
	lonely.PagoPA = false
	f := reconciliation.Facts{
		Flows:   []reconciliation.Flow{flow("F1", line(1, 8450), line(2, 4000)), flow("F2", line(3, 12450)), flow("F3", line(4, 5))},
		Credits: []reconciliation.Credit{lonely},
	}
	f.Flows[1].RegulationDate = "2026-01-17"
	got := reconciliation.Match(f, reconciliation.Terms{Segregation: 1, Now: late})
	if len(got.Credits) != 1 || !reflect.DeepEqual(got.Credits[0].Proposals, []string{"F1"}) {
		t.Errorf("%+v", got.Credits)
	}
}

func TestEveryOutcomeSaysWhatToDo(t *testing.T) {
	for _, o := range reconciliation.Outcomes() {
		a := o.Advice()
		if a.Title == "" || a.Cause == "" || a.Next == "" || a.Severity.Code() == "" || strings.ContainsAny(string(o), " A") {
			t.Errorf("%s: %+v", o, a)
		}
	}
	if reconciliation.Worse("quadrato", "doppio") != "doppio" || reconciliation.Worse("doppio", "quadrato") != "doppio" || reconciliation.Worse("", "quadrato") != "quadrato" {
		t.Error("the worse of two is not said")
	}
}

func TestEuro(t *testing.T) {
	for m, want := range map[domain.Money]string{0: "0,00 €", 5733: "57,33 €", 123456789: "1.234.567,89 €", -100000: "-1.000,00 €"} {
		if got := reconciliation.Euro(m); got != want {
			t.Errorf("%d: %s, want %s", m, got, want)
		}
	}
}
