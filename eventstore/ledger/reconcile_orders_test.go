package ledger_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// What the books are to have in the end, besides what the payers owe.
type books map[domain.Account]domain.Money

// TestEveryOrderOfTheSameFactsEndsInTheSameBooks brings receipts, flows, corrections,
// statements and people's words in every order: the books end the same, whatever
// happened on the way.
func TestEveryOrderOfTheSameFactsEndsInTheSameBooks(t *testing.T) {
	inBank := books{"bank": 5733}
	nothing := books{"pagopa:transit": 5733}
	for name, c := range map[string]struct {
		facts string
		want  books
	}{
		"receipt, flow, credit":                 {"receipt, flow, credit", inBank},
		"by the transfer's TRN":                 {"receipt, flow, credit by trn", inBank},
		"a TRN that two flows have":             {"receipt, flow, flow of the same trn, credit by trn", nothing},
		"no receipt yet":                        {"flow, credit", books{"bank": 5733, "pagopa:transit": -5733}},
		"no credit yet":                         {"flow, receipt", nothing},
		"code 9, and the receipt all the same":  {"proof, receipt, credit", inBank},
		"code 9 without a receipt":              {"proof, credit", inBank},
		"a credit taken back and made again":    {"receipt, flow, storno", inBank},
		"the same credit in two statements":     {"receipt, flow, credit, credit again", inBank},
		"a flow and its correction":             {"receipt, wrong flow, flow, credit", inBank},
		"a flow corrected twice":                {"receipt and wrong flow, wrong flow again, flow, credit", inBank},
		"a line in two flows, each with credit": {"receipt and flow, second flow, credit, second credit", inBank},
		"one of the two is taken back":          {"receipt and second flow, flow and credit, second credit, back", inBank},
		"both are taken back":                   {"receipt and flow and second flow, credit, second credit, back, second back", nothing},
		"two flows of other sums of one line":   {"receipt and flow, lesser flow, credit, second credit of less", inBank},
		"a transfer in each of two flows":       {"receipt and first part, second part, first credit, second credit of part", inBank},
		"one id of two PSPs":                    {"receipt and other receipt and flow, flow of another psp, credit, credit of another psp", books{"bank": 5733 + 1200}},
		"one id of two PSPs, one not credited":  {"receipt and other receipt, flow, flow of another psp, credit of another psp", books{"bank": 1200, "pagopa:transit": 5733}},
		"a single transfer":                     {"receipt, single", inBank},
		"a single transfer, twice and back":     {"receipt, single, single again, single back", inBank},
		"a single transfer that is taken back":  {"receipt, single, single back", nothing},
		"a single transfer of another amount":   {"receipt, single of less", nothing},
		"a single transfer and a flow":          {"receipt and flow, credit, single, back", inBank},
		"a single transfer for an instalment":   {"rata, single of rata", books{"bank": 2000}},
		"an instalment in a flow":               {"rata, flow of rata, credit of rata", books{"bank": 2000}},
		"a notice that is not ours":             {"stranger, flow of stranger, credit of stranger", books{"bank": 900, "suspense": -900}},
		"and its correction":                    {"stranger, wrong flow of stranger, flow of stranger, credit of stranger", books{"bank": 900, "suspense": -900}},
		"and the credit is taken back":          {"stranger, flow of stranger, credit of stranger, stranger back", books{"pagopa:transit": 900, "suspense": -900}},
		"too little, and accepted":              {"receipt, flow, credit of less, accept", books{"bank": 5700, "pagopa:differences": 33}},
		"too little, accepted, and the rest":    {"receipt and flow, credit of less, rest, accept", inBank},
		"too much, and accepted":                {"receipt and wrong flow, flow, credit of more, accept", books{"bank": 5800, "pagopa:differences": -67}},
		"accepted, and the credit taken back":   {"receipt and flow, credit of less, accept, less back", nothing},
		"revoked, and not in the transfer":      {"receipt and other receipt, revoking flow, credit", books{"bank": 5733, "pagopa:transit": 1200}},
	} {
		t.Run(name, func(t *testing.T) {
			orders(strings.Split(c.facts, ", "), func(order []string) {
				p := newOrdered(t)
				for _, fact := range order {
					for part := range strings.SplitSeq(fact, " and ") {
						p.happen(part)
						p.react()
					}
				}
				got := books(p.balances())
				maps.DeleteFunc(got, func(a domain.Account, _ domain.Money) bool { return strings.HasPrefix(string(a), "receivable:") })
				if !reflect.DeepEqual(got, c.want) {
					t.Errorf("%v: the books are %v, want %v", order, got, c.want)
				}
			})
		})
	}
}

// ordered is a paper with a bulletin, another, one in instalments, and every fact that
// can come.
type ordered struct {
	*paper
	notice, other, rata domain.NoticeNumber
}

const foreign domain.NoticeNumber = "302000000000004285"

func newOrdered(t *testing.T) ordered {
	p := ordered{paper: newPaper(t)}
	p.notice, p.other = p.sent("open", bulletin(5733)), p.sent("other", bulletin(1200))
	parts := bulletin(4000)
	parts.Instalments = []domain.Instalment{{Amount: 2000, Due: parts.Due}, {Amount: 2000, Due: parts.Due}}
	b, err := p.KnownBulletin(t.Context(), comune, p.sent("parts", parts))
	if err != nil {
		t.Fatal(err)
	}
	p.rata = b.Issued.Instalments[0].Notice

	line := lineOf(p.notice, "r1", 5733)
	proof, first, second := line, line, line
	proof.Outcome = domain.FlowNoReceipt
	first.Amount, second.Amount, second.Index = 5000, 733, 2
	less := lineOf(p.notice, "r1", 5700)
	revoked := lineOf(p.other, "r2", 1200)
	revoked.Outcome = domain.FlowRevoked
	flows := map[string]domain.DocumentContent{
		"flow": flowOf("F-1", 3, line), "wrong flow": flowOf("F-1", 1, less), "wrong flow again": flowOf("F-1", 2, lineOf(p.notice, "r1", 5701)),
		"proof": flowOf("F-1", 3, proof), "second flow": flowOf("F-2", 4, line), "lesser flow": flowOf("F-2", 4, less),
		"first part": flowOf("F-1", 3, first), "second part": flowOf("F-2", 3, second),
		"revoking flow":        flowOf("F-1", 3, line, revoked),
		"flow of rata":         flowOf("F-3", 3, lineOf(p.rata, "r3", 2000)),
		"flow of stranger":     flowOf("F-4", 3, lineOf(foreign, "r4", 900)),
		"flow of the same trn": flowOf("F-5", 3, lineOf(p.other, "r2", 5733)),
		"flow of another psp":  flowOf("F-1", 3, lineOf(p.other, "r2", 1200)),

		"wrong flow of stranger": flowOf("F-4", 2, lineOf(foreign, "r4", 800)),
	}
	flows["flow of another psp"].Flows[0].PSP = "ALTRAIT1XXX"
	flows["flow of the same trn"].Flows[0].Regulation = flows["flow"].Flows[0].Regulation
	p.content = flows

	credit := func(amount domain.Money, trn string, flow ...string) domain.Movement {
		return domain.Movement{Amount: amount, TRN: trn, Flows: flow, PagoPA: true}
	}
	back := func(m domain.Movement) domain.Movement {
		m.Reversal = true
		return m
	}
	single := func(amount domain.Money, n domain.NoticeNumber) domain.Movement {
		return domain.Movement{Amount: amount, TRN: "CRO9", IUV: n.IUV(), PagoPA: true}
	}
	whole := credit(5733, "CRO1", "F-1")
	for name, moves := range map[string][]domain.Movement{
		"credit": {whole}, "credit again": {credit(1, ""), whole}, "storno": {whole, back(whole), whole}, "back": {back(whole)},
		"credit by trn":         {credit(5733, "TRNF10001")},
		"credit of less":        {credit(5700, "CRO1", "F-1")},
		"less back":             {back(credit(5700, "CRO1", "F-1"))},
		"rest":                  {credit(33, "CRO3", "F-1")},
		"credit of more":        {credit(5800, "CRO1", "F-1")},
		"second credit":         {credit(5733, "CRO2", "F-2", "F")},
		"second back":           {back(credit(5733, "CRO2", "F-2", "F"))},
		"first credit":          {credit(5000, "CRO1", "F-1")},
		"single":                {single(5733, p.notice)},
		"single again":          {credit(1, ""), single(5733, p.notice), single(5733, p.notice)},
		"second credit of part": {credit(733, "CRO2", "F-2")}, "second credit of less": {credit(5700, "CRO2", "F-2")},
		"single back":           {back(single(5733, p.notice))},
		"single of less":        {single(5700, p.notice)},
		"single of rata":        {single(2000, p.rata)},
		"credit of rata":        {credit(2000, "CRO1", "F-3")},
		"credit of stranger":    {credit(900, "CRO1", "F-4")},
		"stranger back":         {back(credit(900, "CRO1", "F-4"))},
		"credit of another psp": {credit(1200, "CRO2", "F-1")},
	} {
		p.content[name] = statementOf(moves...)
	}
	return p
}

// happen brings a fact.
func (p ordered) happen(fact string) {
	p.Helper()
	receipts := map[string]ledger.Receipt{
		"receipt": ricevuta("r1", p.notice, 5733), "other receipt": ricevuta("r2", p.other, 1200), "rata": ricevuta("r3", p.rata, 2000),
	}
	stranger := ricevuta("r4", foreign, 900)
	stranger.Issuer = consortium
	receipts["stranger"] = stranger
	subject := domain.SubjectOfFlow("F-1")
	r, isReceipt := receipts[fact]
	switch {
	case isReceipt:
		must(p.Receive(p.Context(), r))(p.T)
	case fact == "accept":
		must(p.Case(p.Context(), by("accept"), comune, subject, domain.AcceptDifference{
			Creditor: comune, Subject: subject, Actor: "anna", Reason: "Commissione", At: later,
		}))(p.T)
	default:
		if _, ok := p.content[fact]; !ok {
			p.Fatalf("no fact is called %q", fact)
		}
		p.bring(fact)
	}
}

// orders calls do with every order of all.
func orders(all []string, do func([]string)) {
	if len(all) == 0 {
		do(nil)
		return
	}
	for i, first := range all {
		rest := slices.Delete(slices.Clone(all), i, i+1)
		orders(rest, func(tail []string) { do(append([]string{first}, tail...)) })
	}
}
