package ledger_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// says is a reader of documents whose bytes are a name, and whose content is known.
func says(all map[string]domain.DocumentContent) ledger.DocumentReader {
	return func(raw []byte, _ domain.CreditorProfile) (domain.DocumentContent, bool, error) {
		if string(raw) == "broken" {
			return domain.DocumentContent{Kind: domain.DocumentFlow}, true, errors.New("riga 3: manca il totale")
		}
		c, ok := all[string(raw)]
		return c, ok, nil
	}
}

// paper brings documents and lets the reactions answer.
type paper struct {
	*town
	content map[string]domain.DocumentContent
	at      eventstore.Position
}

func newPaper(t *testing.T) *paper {
	return &paper{town: newTown(t), content: make(map[string]domain.DocumentContent)}
}

func (p *paper) bring(name string) ledger.Imported {
	p.Helper()
	out, err := p.Import(p.Context(), "ragioneria", ledger.Document{
		Creditor: comune, Name: name + ".xml", Channel: domain.ChannelUpload, Raw: []byte(name), At: later,
	}, says(p.content))
	if err != nil {
		p.Fatal(err)
	}
	return out
}

// react lets the reactions answer until there is nothing more to say.
func (p *paper) react() {
	p.Helper()
	for p.at < p.end() {
		for rec, err := range p.log.ReadAll(p.Context(), p.at) {
			if err != nil {
				p.Fatal(err)
			}
			p.at = rec.Position
			for _, e := range p.decoded(rec) {
				if err := p.Reconcile(p.Context(), rec, e); err != nil && !errors.Is(err, ledger.ErrNoReaction) {
					p.Fatal(err)
				}
			}
		}
	}
}

func (p *paper) decoded(rec eventstore.Recorded) []domain.Event {
	for i, e := range p.facts(rec.Stream) {
		if eventstore.Revision(i+1) == rec.Revision {
			return []domain.Event{e}
		}
	}
	return nil
}

// balances is what is on each account that money of payers goes through.
func (p *paper) balances() map[domain.Account]domain.Money {
	p.Helper()
	sums := make(map[domain.Account]domain.Money)
	seen := make(map[eventstore.Stream]bool)
	for rec, err := range p.log.ReadAll(p.Context(), 0) {
		if err != nil {
			p.Fatal(err)
		}
		if seen[rec.Stream] {
			continue
		}
		seen[rec.Stream] = true
		for _, e := range p.facts(rec.Stream) {
			for _, post := range domain.Postings(e) {
				if !strings.HasPrefix(string(post.Account), "revenue:") {
					sums[post.Account] += post.Debit - post.Credit
				}
			}
		}
	}
	for a, m := range sums {
		if m == 0 {
			delete(sums, a)
		}
	}
	return sums
}

func flowOf(id string, created int, lines ...domain.FlowLine) domain.DocumentContent {
	f := domain.FileFlow{
		FlowVersion: domain.FlowVersion{PSP: "PROVAIT1XXX", ID: id, Created: at.AddDate(0, 0, created)}, PSPName: "Banca di Prova",
		Regulation: "TRN" + strings.ReplaceAll(id, "-", "") + "0001", RegulationDate: "2020-02-14", Lines: lines,
	}.Totalled()
	f.DeclaredCount, f.DeclaredTotal = int64(f.Count), f.Sum
	return domain.DocumentContent{Kind: domain.DocumentFlow, Flows: []domain.FileFlow{f}}
}

func lineOf(notice domain.NoticeNumber, receipt domain.ReceiptID, amount domain.Money) domain.FlowLine {
	return domain.FlowLine{IUV: notice.IUV(), Receipt: receipt, Index: 1, Amount: amount, Date: "2020-02-12"}
}

func statementOf(moves ...domain.Movement) domain.DocumentContent {
	for i := range moves {
		moves[i].Number, moves[i].Booked, moves[i].Value = i+1, "2020-02-14", "2020-02-14"
	}
	s := domain.FileStatement{Kind: domain.DocumentGiornale, Name: "GDC", Account: "0000100", From: "2020-02-14", To: "2020-02-14"}
	s.Movements = moves
	return domain.DocumentContent{Kind: domain.DocumentGiornale, Statements: []domain.FileStatement{s}}
}

func TestADocumentIsKeptAndReadOnce(t *testing.T) {
	p := newPaper(t)
	p.content["flow"] = flowOf("F-1", 0, lineOf(unissued, "r1", 100))
	first := p.bring("flow")
	if first.Repeated || first.Quarantined != "" || first.Kind != domain.DocumentFlow || len(first.Contents) != 1 || first.Position != p.end() {
		t.Fatalf("%+v", first)
	}
	raw, filed, err := p.Original(t.Context(), comune, first.SHA256)
	if err != nil || string(raw) != "flow" || filed.Name != "flow.xml" || filed.Size != 4 {
		t.Errorf("%q, %+v, %v", raw, filed, err)
	}
	end := p.end()
	if again := p.bring("flow"); !again.Repeated || !reflect.DeepEqual(again.Contents, first.Contents) || again.Kind != first.Kind || p.end() != end {
		t.Errorf("again %+v, the log at %d instead of %d", again, p.end(), end)
	}
	if _, _, err := p.Original(t.Context(), comune, "ff"); !errors.Is(err, domain.ErrUnknownDocument) {
		t.Errorf("%v", err)
	}
}

func TestADocumentThatCannotBeReadIsQuarantinedWhole(t *testing.T) {
	p := newPaper(t)
	p.content["flow"] = flowOf("F-1", 0, lineOf(unissued, "r1", 100))
	p.content["other"] = flowOf("F-1", 0, lineOf(unissued, "r1", 200))
	p.content["negative"] = flowOf("F-2", 0, lineOf(unissued, "r1", -1))
	p.bring("flow")
	for name, want := range map[string]string{"broken": "riga 3", "nobody's": "formato", "other": "something else", "negative": "line 1"} {
		got := p.bring(name)
		if !strings.Contains(got.Quarantined, want) || len(got.Contents) > 0 {
			t.Errorf("%s: %+v", name, got)
		}
		if raw, _, err := p.Original(t.Context(), comune, got.SHA256); err != nil || string(raw) != name {
			t.Errorf("%s: the original is %q, %v", name, raw, err)
		}
		end := p.end()
		if again := p.bring(name); again.Quarantined != got.Quarantined || p.end() != end {
			t.Errorf("%s again: %+v", name, again)
		}
	}
	if n := count[domain.FlowFiled](p.town); n != 1 {
		t.Errorf("%d flows are filed", n)
	}
	p.content["nobody's"] = flowOf("F-3", 0, lineOf(unissued, "r1", 100))
	if got := p.bring("nobody's"); got.Quarantined != "" || len(got.Contents) != 1 {
		t.Errorf("a program that knows more reads it: %+v", got)
	}
}

// What is too large is refused before any part of it is kept; what is empty is a
// document, and put away.
func TestADocumentTooLargeOrEmpty(t *testing.T) {
	p := newPaper(t)
	end := p.end()
	large := ledger.Document{Creditor: comune, Name: "grande.xml", Channel: domain.ChannelUpload, Raw: make([]byte, domain.MaxDocumentReading+1), At: later}
	if got, err := p.Import(t.Context(), "ragioneria", large, says(nil)); !errors.Is(err, domain.ErrBadDocument) || p.end() != end {
		t.Errorf("%+v, %v, %d events", got, err, p.end()-end)
	}
	for why, raw := range map[string]string{"1 byte to 256 MiB": "", "UTF-16": "<\x00F\x00", "la codifica è UTF-16": "\xfe\xff\x00<"} {
		doc := large
		doc.Raw = []byte(raw)
		got, err := p.Import(t.Context(), "ragioneria", doc, says(nil))
		if err != nil || !strings.Contains(got.Quarantined, why) {
			t.Errorf("%q: %+v, %v", raw, got, err)
		}
		if back, _, err := p.Original(t.Context(), comune, got.SHA256); err != nil || string(back) != raw {
			t.Errorf("%q: the original is %q, %v", raw, back, err)
		}
	}
}

func TestALargeFlowIsFiledInParts(t *testing.T) {
	p := newPaper(t)
	var lines []domain.FlowLine
	for i := range domain.MaxFlowPart + 1 {
		lines = append(lines, lineOf(unissued, domain.ReceiptID(fmt.Sprint("r", i)), 100))
	}
	p.content["flow"] = flowOf("F-1", 0, lines...)
	got := p.bring("flow")
	filed, kept, err := p.KnownFlow(t.Context(), got.Contents[0])
	if err != nil || filed.Parts != 2 || filed.Count != len(lines) || !slices.Equal(kept, lines) {
		t.Errorf("%+v, %d lines, %v", filed, len(kept), err)
	}
}

func TestALineWithoutAReceiptIsExpected(t *testing.T) {
	p := newPaper(t)
	notice := p.sent("open", bulletin(5733))
	p.content["flow"] = flowOf("F-1", 0, lineOf(notice, "r1", 5733), lineOf("345000000000004285", "r2", 100))
	p.bring("flow")
	p.react()
	expected := p.facts(ledger.ReceiptStream(comune, "r1"))
	if len(expected) != 1 || expected[0].(domain.ReceiptExpected).Source != domain.ExpectedByFlow {
		t.Errorf("%+v", expected)
	}
	others := p.facts(ledger.ReceiptStream(comune, "r2"))
	if said, ok := others[0].(domain.ReceiptReported); len(others) != 1 || !ok || said.Flow != "F-1" || said.Amount != 100 {
		t.Errorf("of another system's receipt is kept: %+v", others)
	}
	end := p.end()
	p.at = 0
	p.react()
	if p.end() != end {
		t.Errorf("reacting again added %d events", p.end()-end)
	}
}

// What a flow calls revoked stays paid until a person opens it again, by the bulletin's
// door.
func TestARevokedPaymentIsReopenedByAPerson(t *testing.T) {
	p := newPaper(t)
	notice := p.sent("open", bulletin(5733))
	must(p.Receive(t.Context(), ricevuta("r1", notice, 5733)))(t)
	revoke := domain.RevokePayment{Creditor: comune, Notice: notice, Receipt: "r1", Reason: "Revocato dal PSP", At: later}
	if _, err := p.Bulletin(t.Context(), eventstore.Envelope{Command: uuid.New(), Actor: "ragioneria"}, revoke); !errors.Is(err, domain.ErrNotRevoked) {
		t.Errorf("before any flow said so: %v", err)
	}
	line := lineOf(notice, "r1", 5733)
	line.Outcome = domain.FlowRevoked
	p.content["flow"] = flowOf("F-1", 0, line)
	p.bring("flow")
	p.react()
	if b, err := p.KnownBulletin(t.Context(), comune, notice); err != nil || b.Status != domain.BulletinPaid {
		t.Errorf("a flow alone reopened it: %v, %v", b.Status, err)
	}
	must(p.Bulletin(t.Context(), eventstore.Envelope{Command: uuid.New(), Actor: "ragioneria"}, revoke))(t)
	if b, err := p.KnownBulletin(t.Context(), comune, notice); err != nil || b.Status != domain.BulletinSentOut {
		t.Errorf("%v, %v", b.Status, err)
	}
}

func TestASingleTransferSettlesItsPayment(t *testing.T) {
	p := newPaper(t)
	notice := p.sent("open", bulletin(5733))
	must(p.Receive(t.Context(), ricevuta("r1", notice, 5733)))(t)
	p.content["credit"] = statementOf(domain.Movement{Amount: 5733, IUV: notice.IUV(), PagoPA: true})
	p.bring("credit")
	p.react()
	if got := p.balances(); got["bank"] != 5733 || got["pagopa:transit"] != 0 {
		t.Errorf("%v", got)
	}
}

func TestAnOfficerMatchesAndUndoes(t *testing.T) {
	p := newPaper(t)
	notice := p.sent("open", bulletin(5733))
	must(p.Receive(t.Context(), ricevuta("r1", notice, 5733)))(t)
	p.content["flow"], p.content["credit"] = flowOf("F-1", 0, lineOf(notice, "r1", 5733)), statementOf(domain.Movement{Amount: 5733})
	p.bring("flow")
	id := p.bring("credit").Contents[0] + "/1"
	p.react()
	move, _, err := p.KnownMovement(t.Context(), comune, id)
	if err != nil || move.Amount != 5733 {
		t.Fatalf("%+v, %v", move, err)
	}
	subject := domain.SubjectOfFlow("F-1")
	must(p.Case(t.Context(), by("match"), comune, subject, domain.ProposeMatch{
		Creditor: comune, Subject: subject, Movement: move, Actor: "anna", Reason: "Stesso importo", At: later,
	}))(t)
	p.react()
	if got := p.balances(); got["bank"] != 5733 {
		t.Errorf("matched: %v", got)
	}
	must(p.Case(t.Context(), by("undo"), comune, subject, domain.UndoMatch{Creditor: comune, Subject: subject, Movement: id, Actor: "anna", Reason: "Errore", At: later}))(t)
	p.react()
	if got := p.balances(); got["bank"] != 0 || got["pagopa:transit"] != 5733 {
		t.Errorf("undone: %v", got)
	}
	var told []string
	history, err := p.CaseHistory(t.Context(), comune, subject)
	for _, e := range history {
		told = append(told, strings.TrimPrefix(fmt.Sprintf("%T", e), "domain."))
	}
	if want := "FlowNoted MatchProposed MatchConfirmed RemittanceSettled MatchUndone RemittanceReopened"; err != nil || strings.Join(told, " ") != want {
		t.Errorf("%v, %v; want %s", told, err, want)
	}
	if none, err := p.CaseHistory(t.Context(), comune, "flow:F-2"); err != nil || len(none) > 0 {
		t.Errorf("of a case that nobody touched: %v, %v", none, err)
	}
	if _, err := p.Case(t.Context(), by("x"), comune, "F-1", nil); !errors.Is(err, domain.ErrBadCase) {
		t.Errorf("%v", err)
	}
	for _, wrong := range []string{"", "x", id + "0", "7c9e6679-7425-40de-944b-e07fc1f90ae7/1"} {
		if _, _, err := p.KnownMovement(t.Context(), comune, wrong); !errors.Is(err, domain.ErrUnknownMovement) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	p.chained()
}

func TestARuleAcceptsUntilAPersonTakesItBack(t *testing.T) {
	p := newPaper(t)
	notice := p.sent("open", bulletin(5733))
	p.content["flow"] = flowOf("F-1", 0, lineOf(notice, "r1", 5733))
	p.content["bank"] = statementOf(domain.Movement{Amount: 5732, Flows: []string{"F-1"}, PagoPA: true})
	p.bring("flow")
	p.bring("bank")
	p.react()
	rule := domain.SetRule{Creditor: comune, Outcome: "parziale", UpTo: 100, Reason: "Arrotondamenti", Actor: "anna", At: later}
	set := func(c domain.SetRule) error {
		_, err := p.Rules(t.Context(), eventstore.Envelope{Command: uuid.New(), Actor: "anna"}, comune, c)
		return err
	}
	if err := set(rule); err != nil {
		t.Fatal(err)
	}
	rules, err := p.KnownRules(t.Context(), comune)
	if err != nil || len(rules.InForce()) != 1 {
		t.Fatalf("%+v, %v", rules, err)
	}
	subject, with := domain.SubjectOfFlow("F-1"), rules.All[0]
	accept := func() bool {
		t.Helper()
		now, err := p.AcceptByRule(t.Context(), comune, subject, 1, with)
		if err != nil {
			t.Fatal(err)
		}
		p.react()
		return now
	}
	if got := p.balances; !accept() || got()[domain.AccountBank] != 5732 || got()[domain.AccountDifferences] != 1 {
		t.Errorf("the rule accepts nothing: %v", p.balances())
	}
	if accept() {
		t.Error("accepted twice")
	}
	if _, err := p.Case(t.Context(), eventstore.Envelope{Command: uuid.New(), Actor: "bruno"}, comune, subject, domain.ReopenDifference{
		Creditor: comune, Subject: subject, Actor: "bruno", Reason: "Non è un arrotondamento", At: later,
	}); err != nil {
		t.Fatal(err)
	}
	p.react()
	with.Number = 7 // another rule that would
	if got := p.balances; accept() || got()[domain.AccountBank] != 0 || got()[domain.AccountDifferences] != 0 {
		t.Errorf("a rule accepts again what a person reopened: %v", p.balances())
	}
}
