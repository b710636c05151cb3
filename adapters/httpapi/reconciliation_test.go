package httpapi_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/adapters/httpapi"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/reconciliation"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/projections"
)

// What the book of these tests holds.
const (
	bookFlow     = "2020-01-30PROVA-1"
	sharedFlow   = "2020-01-30PROVA-2" // of two PSPs
	bookMovement = "886313e1-3b8a-4372-9b90-0c9aee199e5d/1"
)

// intake takes documents that say their own name.
type intake struct{ ledger *ledger.Ledger }

func (i intake) Take(ctx context.Context, actor string, d ledger.Document) ([]ledger.Imported, error) {
	one, err := i.ledger.Import(ctx, actor, d)
	return []ledger.Imported{one}, err
}

// sources are a source that fails and a rule that accepts.
type sources struct{ *desk }

func (s sources) Sources(domain.FiscalCode) []httpapi.SourceRun {
	return []httpapi.SourceRun{{Source: "rest " + townCode, At: now, Took: 2, Error: "the platform is away"}, {Source: "folder"}}
}

func (s sources) Collect(_ context.Context, creditor domain.FiscalCode, r httpapi.Round) (out httpapi.Collected, err error) {
	for _, one := range s.Sources(creditor) {
		if r.Source == "" || r.Source == one.Source {
			one.At = now
			out.Sources = append(out.Sources, one)
		}
	}
	if !r.Hold {
		out.Accepted = []reconciliation.Acceptance{{Subject: "flow:F", Outcome: reconciliation.Partial, Stake: 1, Day: "2020-01-30", Rule: domain.AcceptanceRule{Number: 1}}}
	}
	out.Position = s.end()
	return out, nil
}

// book is a flow that lacks a cent at the bank, a receipt and a credit that are alone.
type book struct{}

func (book) facts() reconciliation.Facts {
	version := domain.FlowVersion{Creditor: townCode, PSP: "ABCDITMM", ID: bookFlow, Created: now}
	line := domain.FlowLine{IUV: noticeNumber(1).IUV(), Receipt: "r1", Index: 1, Amount: 5733, Date: "2020-01-29"}
	taken := reconciliation.Receipt{ID: "r1", Notice: noticeNumber(1), Amount: 5733, PSP: "ABCDITMM", PaidAt: now, Filed: true}
	alone := taken
	alone.ID = "r2"
	old := reconciliation.Flow{FlowVersion: version, Key: "k0", RegulationDate: "2020-01-30", Count: 1, Sum: 5000, Distinct: 5000}
	old.Created = now.Add(-time.Hour)
	credit := reconciliation.Credit{CaseMovement: domain.CaseMovement{Movement: bookMovement, Amount: 5732, Booked: "2020-01-30", Value: "2020-01-30"}, PagoPA: true, Matched: bookFlow}
	lonely := credit
	lonely.Movement, lonely.Matched = bookMovement+"0", ""
	return reconciliation.Facts{
		Receipts: []reconciliation.Receipt{taken, alone},
		Flows: []reconciliation.Flow{old, {
			FlowVersion: version, Key: "k1", RegulationDate: "2020-01-30", DeclaredCount: 1, DeclaredTotal: 5733, Count: 1, Sum: 5733, Distinct: 5733,
			Lines: []reconciliation.Line{{FlowLine: line, Number: 1, Issued: true}},
		}},
		Credits: []reconciliation.Credit{credit, lonely},
	}
}

func (b book) ReconciliationFacts(context.Context, domain.FiscalCode, domain.Period) (reconciliation.Facts, eventstore.Position, error) {
	return b.facts(), 1, nil
}

func (b book) FlowFacts(_ context.Context, _ domain.FiscalCode, id string) (reconciliation.Facts, eventstore.Position, error) {
	all := b.facts()
	switch id {
	case bookFlow:
		return all, 1, nil
	case sharedFlow:
		first := all.Flows[1]
		first.ID = sharedFlow
		later := first
		later.PSP, later.Key, later.Created, later.Sum, later.DeclaredTotal, later.Lines = "EFGHITMM", "k2", later.Created.Add(time.Hour), 100, 100, nil
		return reconciliation.Facts{Flows: []reconciliation.Flow{first, later}}, 1, nil
	}
	return reconciliation.Facts{}, 1, nil
}

func (b book) BankLine(_ context.Context, _ domain.FiscalCode, id string) (projections.BankLine, eventstore.Position, error) {
	if id != bookMovement {
		return projections.BankLine{}, 0, projections.ErrNotFound
	}
	return projections.BankLine{Credit: b.facts().Credits[0], From: "Banca di Prova", Causale: "testo", Document: "21"}, 1, nil
}

func (b book) TakingsOf(context.Context, domain.FiscalCode, domain.NoticeNumber) ([]reconciliation.Receipt, map[domain.ReceiptID][]string, eventstore.Position, error) {
	return b.facts().Receipts[:1], map[domain.ReceiptID][]string{"r1": {bookFlow}}, 1, nil
}

func (book) CaseWord(context.Context, domain.FiscalCode, domain.Subject) (projections.CaseWord, eventstore.Position, error) {
	return projections.CaseWord{Notes: []projections.CaseNote{{Actor: "anna", Text: "sentita la banca", At: now}}}, 1, nil
}

func (book) Documents(context.Context, domain.FiscalCode, int) ([]projections.DocumentRow, eventstore.Position, error) {
	return []projections.DocumentRow{{SHA256: "aa", Name: "f.xml", Kind: "fdr", Channel: "upload", Size: 9, State: projections.DocumentRead, At: now}}, 1, nil
}

func TestADocumentIsImportedOverHTTP(t *testing.T) {
	d := newDesk(t)
	d.settle()
	first := d.post(town+"/documents", valid[town+"/documents"])
	one := first["documents"].([]any)[0].(map[string]any)
	if first["repeated"] != false || one["name"] != "flusso.xml" || one["quarantined"] == "" {
		t.Errorf("%v", first)
	}
	end := d.end()
	if again := d.post(town+"/documents", valid[town+"/documents"]); again["repeated"] != true || d.end() != end {
		t.Errorf("%v", again)
	}
}

// settledDocument is the hash of what a settled town has in quarantine.
var settledDocument = domain.Hash([]byte("<y>"))

func TestADocumentInQuarantineComesBackAsItWas(t *testing.T) {
	d := newDesk(t)
	d.settle()
	a := d.do("GET", town+"/documents/"+settledDocument, "")
	if a.status != http.StatusOK || string(a.body) != "<y>" || a.header.Get("Content-Disposition") != "attachment; filename=cattivo.xml" {
		t.Errorf("%s", a)
	}
	d.do("GET", town+"/documents/ff", "").isProblem(http.StatusNotFound)
}

// A statement names everybody who paid: whoever fetches one is written down before.
func TestWhoFetchesADocumentIsWrittenDown(t *testing.T) {
	d, x := journalDesk(t)
	d.settle()
	for _, role := range []httpapi.Role{httpapi.Reconciler, httpapi.Auditor} {
		x.accesses = nil
		d.do("GET", town+"/documents/"+settledDocument, "", as(role))
		if len(x.accesses) != 1 || !strings.HasPrefix(x.accesses[0], "the "+string(role)+": ") || !strings.HasSuffix(x.accesses[0], "/documents/"+settledDocument) {
			t.Errorf("%s: %q is written down", role, x.accesses)
		}
	}
	x.fail = errors.New("no room")
	if a := d.do("GET", town+"/documents/"+settledDocument, "", as(httpapi.Auditor)); a.status != http.StatusInternalServerError || strings.Contains(string(a.body), "<y>") {
		t.Errorf("shown, and not written down: %s", a)
	}
}

func TestReconciliationIsShownDifferencesFirst(t *testing.T) {
	d := newDesk(t)
	d.settle()
	got := d.get(town + "/reconciliation?from=2020-01-01&to=2020-01-31")
	flow := got["flows"].([]any)[0].(map[string]any)
	if flow["outcome"] != "parziale" || flow["bank"] != "57.32" || flow["versions"] != float64(2) || flow["next"] == "" {
		t.Errorf("%v", flow)
	}
	if len(got["receipts"].([]any)) != 1 || len(got["credits"].([]any)) != 1 {
		t.Errorf("%v", got)
	}
	for _, wrong := range []string{"from=x", "from=2020-02-01&to=2020-01-01", "from=2010-01-01&to=2020-01-01"} {
		d.do("GET", town+"/reconciliation?"+wrong, "").refuses(http.StatusUnprocessableEntity, "from", "400 days")
	}
	whole := d.get(town + "/reconciliation/flows/" + bookFlow)
	if whole["replaced"].([]any)[0].(map[string]any)["difference"] != "7.33" || len(whole["notes"].([]any)) != 1 {
		t.Errorf("%v", whole)
	}
	d.do("GET", town+"/reconciliation/flows/altro", "").isProblem(http.StatusNotFound)
	d.do("GET", town+"/reconciliation/movements/altro", "").isProblem(http.StatusNotFound)
}

// An id that two PSPs use is two flows: psp says which, and without it, or of a PSP that
// has none of the id, it is the one made last.
func TestAFlowOfAnIDOfTwoPSPsIsThatOfThePSP(t *testing.T) {
	d := newDesk(t)
	d.settle()
	for query, want := range map[string][2]any{
		"?psp=ABCDITMM": {"ABCDITMM", "57.33"}, "?psp=EFGHITMM": {"EFGHITMM", "1.00"}, "": {"EFGHITMM", "1.00"}, "?psp=altro": {"EFGHITMM", "1.00"},
	} {
		flow := d.get(town + "/reconciliation/flows/" + sharedFlow + query)["flow"].(map[string]any)
		if got := [2]any{flow["psp"], flow["total"]}; got != want || flow["flow"] != sharedFlow {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
}

func TestWhoPaidABankLineAndWhereMoneyIs(t *testing.T) {
	d := newDesk(t)
	d.settle()
	paid := d.get(town + "/reconciliation/movements/886313e1-3b8a-4372-9b90-0c9aee199e5d%2F1")
	if paid["from"] != "Banca di Prova" || paid["lines"].([]any)[0].(map[string]any)["iur"] != "r1" {
		t.Errorf("%v", paid)
	}
	trail := d.get(town + "/reconciliation/notices/" + firstNotice)["receipts"].([]any)[0].(map[string]any)
	if trail["receipt"] != "r1" || len(trail["flows"].([]any)) != 1 {
		t.Errorf("%v", trail)
	}
}

func TestACaseIsDecidedByWords(t *testing.T) {
	d := newDesk(t)
	d.settle()
	cases := town + "/reconciliation/cases"
	body := func(action string) string { return edit(valid[cases], "action", `"`+action+`"`) }
	d.do("POST", cases, body("altro"), d.fresh()).refuses(http.StatusUnprocessableEntity, "action", "propose")
	d.do("POST", cases, body("propose"), d.fresh()).isProblem(http.StatusNotFound)
	d.do("POST", cases, body("undo"), d.fresh()).isProblem(http.StatusNotFound)
	d.do("POST", cases, body("confirm"), d.fresh()).isProblem(http.StatusNotFound)
	accepted := edit(body("accept"), "subject", `"flow:`+bookFlow+`"`)
	d.config.FourEyes = 0
	d.open()
	if a := d.do("POST", cases, accepted, d.fresh()); a.status != http.StatusOK {
		t.Errorf("%s", a)
	}
	if a := d.do("POST", cases, edit(accepted, "action", `"reopen"`), d.fresh()); a.status != http.StatusOK {
		t.Errorf("%s", a)
	}
}

func TestRulesAreSetTriedAndWithdrawnOverHTTP(t *testing.T) {
	d := newDesk(t)
	d.settle()
	path := town + "/reconciliation/rules"
	accepts := func(query string) []any {
		return d.get(path + "/accepts?from=2020-01-01&to=2020-01-31" + query)["accepts"].([]any)
	}
	one := accepts("&outcome=parziale&upTo=0.01&days=0")
	if len(one) != 1 || one[0].(map[string]any)["subject"] != "flow:"+bookFlow || one[0].(map[string]any)["rule"] != 0.0 {
		t.Errorf("a rule that is tried would accept %v", one)
	}
	if none := accepts("&outcome=importo-diverso&upTo=57.33"); len(none) != 0 {
		t.Errorf("another outcome accepts %v", none)
	}
	for query, field := range map[string]string{"&outcome=quadrato&upTo=1": "outcome", "&outcome=doppio": "upTo", "&outcome=doppio&upTo=1&days=x": "days"} {
		d.do("GET", path+"/accepts?from=2020-01-01&to=2020-01-31"+query, "").refuses(http.StatusUnprocessableEntity, field, "a rule")
	}
	d.do("POST", path, edit(valid[path], "outcome", `"quadrato"`), key("squared")).refuses(http.StatusUnprocessableEntity, "outcome", "a rule accepts")
	before := len(d.get(path)["rules"].([]any))
	d.post(path, `{"outcome":"parziale","upTo":"60","days":0,"reason":"Centesimi"}`)
	all := d.get(path)["rules"].([]any)
	last := all[len(all)-1].(map[string]any)
	if len(all) != before+1 || last["upTo"] != "60.00" || last["setBy"] != "api:the "+string(httpapi.Administrator) && last["setBy"] == "" {
		t.Errorf("%v", all)
	}
	if got := accepts(""); len(got) != 1 || got[0].(map[string]any)["rule"] != last["rule"] {
		t.Errorf("the rules accept %v", got)
	}
	d.do("POST", path+"/99/withdraw", `{"reason":"x"}`, key("none")).isProblem(http.StatusNotFound)
	d.do("POST", path+"/x/withdraw", `{"reason":"x"}`, key("no number")).isProblem(http.StatusNotFound)
}

func TestTheSourcesAreAskedOverHTTP(t *testing.T) {
	d := newDesk(t)
	d.settle()
	got := d.post(town+"/reconciliation/run", `{}`)
	source, accepted := got["sources"].([]any)[0].(map[string]any), got["accepted"].([]any)[0].(map[string]any)
	if source["error"] != "the platform is away" || source["took"] != 2.0 || accepted["subject"] != "flow:F" || accepted["rule"] != 1.0 || len(got["sources"].([]any)) != 2 {
		t.Errorf("%v", got)
	}
}

func TestOneSourceIsAskedOverHTTP(t *testing.T) {
	d := newDesk(t)
	d.settle()
	listed := d.get(town + "/reconciliation/sources")["sources"].([]any)
	if len(listed) != 2 || listed[0].(map[string]any)["error"] != "the platform is away" || listed[1].(map[string]any)["source"] != "folder" || listed[1].(map[string]any)["at"] != nil {
		t.Errorf("%v", listed)
	}
	for hold, accepted := range map[string]int{"true": 0, "false": 1} {
		got := d.post(town+"/reconciliation/run", `{"source":"folder","hold":`+hold+`}`)
		if asked := got["sources"].([]any); len(asked) != 1 || asked[0].(map[string]any)["source"] != "folder" || len(got["accepted"].([]any)) != accepted {
			t.Errorf("%v", got)
		}
	}
	d.do("POST", town+"/reconciliation/run", `{"source":"fax"}`, d.fresh()).
		refuses(http.StatusUnprocessableEntity, "source", "a source is one of: rest "+townCode+", folder")
}
