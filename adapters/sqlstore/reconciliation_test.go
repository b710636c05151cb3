package sqlstore

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/reconciliation"
	"github.com/saldo-ledger/saldo/projections"
	"github.com/saldo-ledger/saldo/projections/projectionstest"
)

var statement = domain.StatementID{UUID: uuid.MustParse("886313e1-3b8a-4372-9b90-0c9aee199e5d")}

// flowFacts are the facts of a filed flow.
func flowFiled(id string, created time.Time, lines ...domain.FlowLine) []projectionstest.Fact {
	cmd := domain.FileFlow{FlowVersion: domain.FlowVersion{Creditor: comune, PSP: "ABCDITMM", ID: id, Created: created}, Lines: lines}.Totalled()
	stream := "flow-" + cmd.Key()
	return []projectionstest.Fact{
		fact(stream, domain.FlowLinesFiled{Creditor: comune, Flow: cmd.Key(), Lines: lines, At: noon}),
		fact(stream, domain.FlowFiled{
			Creditor: comune, Flow: cmd.Key(), PSP: "ABCDITMM", ID: id, Created: created, RegulationDate: "2020-02-12",
			DeclaredCount: int64(cmd.Count), DeclaredTotal: cmd.Sum, Count: cmd.Count, Sum: cmd.Sum, Distinct: cmd.Distinct, Revoked: cmd.Revoked, At: noon,
		}),
	}
}

func bankFacts(flow string, amounts ...domain.Money) []projectionstest.Fact {
	filed := domain.MovementsFiled{Creditor: comune, Statement: statement, Subject: domain.CreditorSubject(comune), At: noon}
	var facts []projectionstest.Fact
	for i, amount := range amounts {
		filed.Movements = append(filed.Movements, domain.Movement{Number: i + 1, Amount: amount, Booked: "2020-02-13", Value: "2020-02-13", PagoPA: true})
		filed.Texts = append(filed.Texts, domain.MovementText{Number: i + 1, From: "Banca", Causale: "testo"})
	}
	facts = append(facts, fact("statement-"+statement.String(), filed))
	if flow != "" {
		facts = append(facts, fact("case-1", domain.MovementNoted{Creditor: comune, Subject: domain.SubjectOfFlow(flow), At: noon,
			Movement: domain.CaseMovement{Movement: domain.MovementID(statement, 1), Amount: amounts[0], Booked: "2020-02-13", Value: "2020-02-13", By: domain.ByCausale}}))
	}
	return facts
}

func lineOf(n domain.NoticeNumber, r domain.ReceiptID, amount domain.Money) domain.FlowLine {
	return domain.FlowLine{IUV: n.IUV(), Receipt: r, Index: 1, Amount: amount, Date: "2020-02-10"}
}

var february2020 = domain.Period{From: "2020-02-01", To: "2020-02-29"}

func TestADayIsReconciled(t *testing.T) {
	received := fact("receipt-x", domain.ReceiptFiled{Creditor: comune, Receipt: "ricevuta-2020-02-10", Notice: february, Amount: 3913, Subject: domain.CreditorSubject(comune), At: noon})
	lonely := fact("bulletin-y", domain.ReceiptUnmatched{Creditor: comune, Notice: january, Receipt: "sola", Amount: 100, Reason: domain.WrongAmount, PSP: domain.PSP{ID: "ALTRO"}, At: noon})
	facts := append(guide(), received, lonely)
	facts = append(facts, flowFiled("F-1", noon.Add(-time.Hour), lineOf(february, "ricevuta-2020-02-10", 3900))...)
	facts = append(facts, flowFiled("F-1", noon, lineOf(february, "ricevuta-2020-02-10", 3913), lineOf(january, "manca", 5733))...)
	facts = append(facts, bankFacts("F-1", 9646, 500)...)
	s := viewsOf(t, facts...)
	got, at, err := s.ReconciliationFacts(t.Context(), comune, february2020)
	if err != nil || at == 0 {
		t.Fatalf("at %d, %v", at, err)
	}
	book := reconciliation.Match(got, reconciliation.Terms{Segregation: 1, Now: noon.AddDate(0, 1, 0)})
	if len(book.Flows) != 1 || len(book.Flows[0].Replaced) != 1 || book.Flows[0].Outcome != reconciliation.FlowNoReceipt || book.Flows[0].Net != 9646 {
		t.Fatalf("%+v", book.Flows)
	}
	if l := book.Flows[0].Found; l[0].Outcome != reconciliation.Squared || l[1].Outcome != reconciliation.FlowNoReceipt {
		t.Errorf("%+v", l)
	}
	if len(book.Receipts) != 1 || book.Receipts[0].ID != "sola" || book.Receipts[0].Outcome != reconciliation.ReceiptNoFlow {
		t.Errorf("%+v", book.Receipts)
	}
	if len(book.Credits) != 1 || book.Credits[0].Amount != 500 || book.Credits[0].Outcome != reconciliation.CreditNoFlow {
		t.Errorf("%+v", book.Credits)
	}
	if none, _, err := s.ReconciliationFacts(t.Context(), comune, domain.Period{From: "2020-03-01", To: "2020-03-31"}); err != nil || len(none.Flows)+len(none.Receipts)+len(none.Credits) > 0 {
		t.Errorf("of another month: %+v, %v", none, err)
	}
	one, _, err := s.FlowFacts(t.Context(), comune, "F-1")
	if err != nil || len(one.Flows) != 2 || len(one.Receipts) != 1 || len(one.Credits) != 1 {
		t.Errorf("%+v, %v", one, err)
	}
	line, _, err := s.BankLine(t.Context(), comune, domain.MovementID(statement, 1))
	if err != nil || line.Matched != "F-1" || line.From != "Banca" || line.Causale != "testo" {
		t.Errorf("%+v, %v", line, err)
	}
	if _, _, err := s.BankLine(t.Context(), comune, "x"); !errors.Is(err, projections.ErrNotFound) {
		t.Errorf("%v", err)
	}
	takings, flows, _, err := s.TakingsOf(t.Context(), comune, february)
	if err != nil || len(takings) != 1 || !takings[0].Filed || !reflect.DeepEqual(flows[takings[0].ID], []string{"F-1"}) {
		t.Errorf("%+v, %v, %v", takings, flows, err)
	}
	taking, named, _, err := s.TakingOf(t.Context(), comune, "ricevuta-2020-02-10")
	if err != nil || taking != takings[0] || !reflect.DeepEqual(named, []string{"F-1"}) {
		t.Errorf("%+v, %v, %v", taking, named, err)
	}
	if _, _, _, err := s.TakingOf(t.Context(), comune, "manca"); !errors.Is(err, projections.ErrNotFound) {
		t.Errorf("%v", err)
	}
}

func TestWhatPeopleSaidOfACase(t *testing.T) {
	subject := domain.SubjectOfFlow("F-1")
	m := domain.CaseMovement{Movement: domain.MovementID(statement, 1), Amount: 9646, By: domain.ByHand}
	facts := append(flowFiled("F-1", noon, lineOf(january, "r", 9646)), bankFacts("", 9646)...)
	facts = append(facts,
		fact("case-1", domain.MatchProposed{Creditor: comune, Subject: subject, Movement: m, Actor: "anna", Reason: "importo", At: noon}),
		fact("case-1", domain.DifferenceAccepted{Creditor: comune, Subject: subject, Actor: "anna", Reason: "ok", At: noon}),
		fact("case-1", domain.CaseNoteAdded{Creditor: comune, Subject: subject, Note: "n1", Actor: "anna", Text: "sentita la banca", Holder: domain.CreditorSubject(comune), At: noon}),
		fact("document-1", domain.DocumentFiled{Creditor: comune, SHA256: "aa", Name: "f.xml", Size: 9, Channel: "upload", At: noon}),
		fact("document-1", domain.DocumentQuarantined{Creditor: comune, SHA256: "aa", Name: "f.xml", Kind: "fdr", Reason: "riga 1", At: noon}),
	)
	s := viewsOf(t, facts...)
	got, _, err := s.FlowFacts(t.Context(), comune, "F-1")
	if err != nil || len(got.Credits) != 1 || got.Credits[0].Standing != domain.MatchWaits || !got.Accepted[subject] {
		t.Errorf("%+v, %v", got, err)
	}
	word, _, err := s.CaseWord(t.Context(), comune, subject)
	if err != nil || !word.Accepted || word.Actor != "anna" || len(word.Notes) != 1 || word.Notes[0].Text != "sentita la banca" {
		t.Errorf("%+v, %v", word, err)
	}
	docs, _, err := s.Documents(t.Context(), comune, 10)
	if err != nil || len(docs) != 1 || docs[0].State != projections.DocumentPutAway || docs[0].Reason != "riga 1" || docs[0].Size != 9 {
		t.Errorf("%+v, %v", docs, err)
	}
}

func TestNoQueryOfReconciliationReadsAWholeTable(t *testing.T) {
	var queries []string
	s := recorded(t, &queries)
	facts := append(guide(), flowFiled("F-1", noon, lineOf(january, "r", 9646))...)
	catchUp(t, projectionstest.NewLog(append(facts, bankFacts("F-1", 9646)...)...), s)
	queries = nil
	if _, _, err := s.ReconciliationFacts(t.Context(), comune, february2020); err != nil {
		t.Fatal(err)
	}
	_, _, _ = s.FlowFacts(t.Context(), comune, "F-1")
	_, _, _ = s.BankLine(t.Context(), comune, "x/1")
	_, _, _, _ = s.TakingsOf(t.Context(), comune, february)
	_, _, _, _ = s.TakingOf(t.Context(), comune, "r")
	_, _, _ = s.CaseWord(t.Context(), comune, "flow:F-1")
	for _, query := range queries {
		for _, step := range slow(t, s.read, query) {
			if !strings.HasPrefix(step, "SEARCH cases ") { // what people accepted is little
				t.Errorf("%s\n%s", query, step)
			}
		}
	}
}
