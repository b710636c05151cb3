package sim

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/saldo-ledger/saldo/adapters/pagopa/fdr"
	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

// maxRevisions bounds how often one flow is corrected.
const maxRevisions = 50

// flow is what a PSP took for one account in one working day, and what it
// published of it.
type flow struct {
	account
	Number    int    // counts from 1
	ID        string // identificativoFlusso
	TRN       string // of the bank transfer
	PSP       PSP
	Company   string // the body's name
	Value     time.Time
	Lines     []fdr.Payment // what is true
	Switches  FlowSwitches
	Revisions []revision // oldest first, at least one
}

// revision is a flow as it was published.
type revision struct {
	Number    int
	Published time.Time
	created   time.Time
	Flow      fdr.Flow
	Hidden    bool // never published
}

// published reports whether the revision is out.
func (r revision) published(now time.Time) bool { return !r.Hidden && !now.Before(r.Published) }

func newFlow(key batch, t taking, tr soap.Transfer) *flow {
	f := &flow{account: key.account, PSP: t.PSP, Value: key.value, Company: tr.CompanyName}
	if f.Company == "" && t.Receipt.Creditor == key.Body {
		f.Company = t.Receipt.CompanyName
	}
	return f
}

// number gives the flow its number and what follows from it.
func (f *flow) number(n int) {
	f.Number = n
	f.ID = fmt.Sprintf("%s%s-S%09d", f.Value.Format(time.DateOnly), wordly(f.PSP.ID, 13), n)
	f.TRN = fmt.Sprintf("1101%s%06d", f.Value.Format("060102"), n%1_000_000)
}

// wordly is s without what a flow's id cannot have, cut.
func wordly(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '-' || r == '_' {
			return r
		}
		return -1
	}, s)
	return s[:min(len(s), most)]
}

// stranger is what a payment that the body's ledger does not know amounts to.
const stranger domain.Money = 1000

// otherSegregation is the code of another system of the body, and the next one
// down where the body's own is that.
const otherSegregation = 45

// addStrangers adds the payments that the switches want.
func (f *flow) addStrangers() {
	own, err := strconv.Atoi(string(f.Lines[0].IUV[:min(2, len(f.Lines[0].IUV))]))
	if err != nil || own > otherSegregation {
		own = 1
	}
	if f.Switches.UnknownIUV {
		f.addStranger(own)
	}
	if f.Switches.OtherSegregation && own == otherSegregation {
		f.addStranger(otherSegregation - 1)
	} else if f.Switches.OtherSegregation {
		f.addStranger(otherSegregation)
	}
}

func (f *flow) addStranger(segregation int) {
	base := uint64(9_900_000_000_000) + uint64(f.Number) // counts from 1
	notice, err := domain.NewNoticeNumber(segregation, base)
	if err != nil {
		return // a segregation that cannot be: there is no such payment
	}
	seed := sha256.Sum256([]byte(f.ID + string(notice)))
	f.Lines = append(f.Lines, fdr.Payment{
		IUV: notice.IUV(), IUR: hex.EncodeToString(seed[:16]), Index: 1, Amount: stranger, Date: f.Lines[0].Date,
	})
}

// collected is what the PSP transfers.
func (f flow) collected() domain.Money { return fdr.Flow{Payments: f.Lines}.Sum() }

// last is the latest revision.
func (f flow) last() revision { return f.Revisions[len(f.Revisions)-1] }

// revise adds a revision, as true as the switches let it be.
func (f *flow) revise(at time.Time, wrong FlowSwitches) {
	created := at
	if n := len(f.Revisions); n > 0 && created.Sub(f.Revisions[n-1].created) < time.Second {
		created = f.Revisions[n-1].created.Add(time.Second) // the document has whole seconds, and tells revisions apart by them
	}
	doc := fdr.Flow{
		Version: "1.0", ID: f.ID, Created: soap.DateTime(created.Format(localTime)),
		Regulation: f.TRN, RegulationDate: soap.NewDate(f.Value),
		Sender:   fdr.Party{Kind: "B", Code: cut(f.PSP.ID, 35), Name: named(f.PSP.CompanyName, 3, 70)},
		BIC:      cut(f.PSP.ID, 35),
		Receiver: fdr.Party{Kind: "G", Code: string(f.Body), Name: named(f.Company, 1, 140)},
		Payments: slices.Clone(f.Lines),
	}
	doc = misreported(doc, wrong)
	f.Revisions = append(slices.Clip(f.Revisions), revision{len(f.Revisions) + 1, at, created, doc, wrong.NoFlow})
}

// someoneElse is a body that is not registered.
const someoneElse = "00000000000"

// misreported makes a flow as wrong as the switches say.
func misreported(doc fdr.Flow, wrong FlowSwitches) fdr.Flow {
	if wrong.MissingLine && len(doc.Payments) > 1 {
		doc.Payments = doc.Payments[:len(doc.Payments)-1]
	}
	if wrong.RepeatedLine {
		doc.Payments = append(doc.Payments, doc.Payments[0])
	}
	doc.DeclaredCount, doc.DeclaredTotal = doc.Count(), doc.Sum()
	if wrong.WrongCount {
		doc.DeclaredCount++
	}
	if wrong.WrongTotal {
		doc.DeclaredTotal += excess
	}
	if wrong.WrongHeader {
		doc.Receiver.Code = someoneElse
	}
	if wrong.OtherTRN {
		doc.Regulation = "9" + doc.Regulation[1:]
	}
	return doc
}

// named is a name, or nothing where it is shorter than the schema wants.
func named(s string, least, most int) string {
	if utf8.RuneCountInString(s) < least {
		return ""
	}
	return cut(s, most)
}

// cut is at most the first so many characters.
func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}
