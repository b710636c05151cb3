package fdr

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

// ErrTooLong is a document of more than MaxBytes.
var ErrTooLong = errors.New("flow longer than the limit")

// Decode reads a flow and checks it against the Node's schema. What breaks it is
// a *soap.FieldError; other errors are soap.ErrMalformed, soap.ErrForbidden (a
// document type declaration, and so any entity) and ErrTooLong. Totals that the
// lines do not bear out are no error.
func Decode(doc []byte) (*Flow, error) {
	if len(doc) > MaxBytes {
		return nil, &LineError{1, ErrTooLong}
	}
	return newWalker(doc).flow()
}

func (w *walker) flow() (*Flow, error) {
	if w.open(root) != nil {
		return nil, w.at()
	}
	var f Flow
	f.read(w)
	w.shut(root)
	w.end()
	if w.err != nil {
		return nil, w.at()
	}
	return &f, nil
}

// LineError says in which line of a document reading ended, and why.
type LineError struct {
	Line int
	Err  error
}

func (e *LineError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Err) }
func (e *LineError) Unwrap() error { return e.Err }

// at is the walker's error with the line that it stopped in.
func (w *walker) at() error {
	line, _ := w.dec.InputPos()
	return &LineError{line + w.lines, w.err}
}

const (
	root        = "FlussoRiversamento"
	receiverTag = "istitutoRicevente"
	paymentTag  = "datiSingoliPagamenti"
	iuvTag      = "identificativoUnivocoVersamento"
	iurTag      = "identificativoUnivocoRiscossione"
	indexTag    = "indiceDatiSingoloPagamento"
	amountTag   = "singoloImportoPagato"
	outcomeTag  = "codiceEsitoSingoloPagamento"
	dateTag     = "dataEsitoSingoloPagamento"
)

// read fills f in the schema's order. After the first error the walker hands out
// nothing more, so no step needs to look.
func (f *Flow) read(w *walker) {
	f.Version = w.text("versioneOggetto", oneOf("1.0", "1.1"))
	f.ID = w.text("identificativoFlusso", flowID)
	f.Created = soap.DateTime(w.text("dataOraFlusso", moment))
	f.Regulation = w.text("identificativoUnivocoRegolamento", length(1, 35))
	f.RegulationDate = soap.Date(w.text("dataRegolamento", date))
	f.Sender = readParty(w, "Mittente", oneOf("G", "A", "B"), length(3, 70))
	f.BIC = w.optional("codiceBicBancaDiRiversamento", length(1, 35))
	f.Receiver = readParty(w, "Ricevente", oneOf("G"), length(1, 140))
	f.DeclaredCount = count(w.text("numeroTotalePagamenti", wholeNumber))
	f.DeclaredTotal = money(w.text("importoTotalePagamenti", total))
	f.readPayments(w)
}

func (f *Flow) readPayments(w *walker) {
	begin := w.doc.rest
	for n := 0; n == 0 || w.plainAhead() || w.ahead(paymentTag); n++ {
		if n == MaxPayments {
			w.fail(paymentTag, fmt.Sprintf("want at most %d", MaxPayments))
			return
		}
		if p, ok := w.plainPayment(); ok {
			f.Payments = append(f.Payments, p)
			continue
		}
		w.within(paymentTag, func() { f.Payments = append(f.Payments, readPayment(w)) })
		w.allowPlain(begin)
	}
}

func readParty(w *walker, role string, kind, name rule) (p Party) {
	w.within("istituto"+role, func() {
		w.within("identificativoUnivoco"+role, func() {
			p.Kind = w.text("tipoIdentificativoUnivoco", kind)
			p.Code = w.text("codiceIdentificativoUnivoco", length(1, 35))
		})
		p.Name = w.optional("denominazione"+role, name)
	})
	return p
}

func readPayment(w *walker) (p Payment) {
	p.IUV = domain.IUV(w.text(iuvTag, reference))
	p.IUR = w.text(iurTag, reference)
	p.Index = int(count(w.optional(indexTag, index)))
	p.Amount = money(w.text(amountTag, amount))
	p.Outcome = Outcome(count(w.text(outcomeTag, outcome)))
	p.Date = soap.Date(w.text(dateTag, date))
	return p
}

// rule is what the schema wants of a text. Numbers and dates may have blanks
// around them, strings not.
type rule struct {
	want     string
	collapse bool
	ok       func(string) bool
}

// check returns a text as the rule takes it, and whether it does; nothing if it does not.
func (u rule) check(s string) (string, bool) {
	if u.collapse {
		s = strings.Trim(s, blanks)
	}
	if !u.ok(s) {
		return "", false
	}
	return s, true
}

func length(least, most int) rule {
	return rule{fmt.Sprintf("%d to %d characters", least, most), false, func(s string) bool {
		n := utf8.RuneCountInString(s)
		return n >= least && n <= most
	}}
}

func oneOf(values ...string) rule {
	return rule{"one of " + strings.Join(values, ", "), false, func(s string) bool { return slices.Contains(values, s) }}
}

func matching(want, form string, collapse bool) rule {
	return rule{want, collapse, regexp.MustCompile(`\A(?:` + form + `)\z`).MatchString}
}

var (
	reference   = length(1, 35)
	outcome     = oneOf("0", "3", "4", "8", "9")
	flowID      = matching("1 to 35 letters, digits, - or _", `[a-zA-Z0-9\-_]{1,35}`, false)
	wholeNumber = matching("a whole number of 1 to 15 digits, not 0", `\+?0{0,20}[1-9][0-9]{0,14}(?:\.0{0,20})?`, true)
	index       = matching("a whole number from 1 to 5", `\+?0{0,20}[1-5]`, true)
	moment      = rule{"a date and a time (xsd:dateTime)", true, func(s string) bool {
		t, err := soap.DateTime(s).In(time.UTC)
		return err == nil && !t.IsZero()
	}}
	date = rule{"a date (xsd:date)", true, func(s string) bool {
		t, err := soap.Date(s).In(time.UTC)
		return err == nil && !t.IsZero()
	}}
	total  = euros("an amount from 0.00 to 999999999.99 with two decimals", 0)
	amount = euros("an amount from 0.01 to 999999999.99 with two decimals", 1)
)

var decimals = regexp.MustCompile(`\A[0-9]{1,20}\.[0-9]{2}\z`)

func euros(want string, least domain.Money) rule {
	return rule{want, true, func(s string) bool {
		m := money(s)
		return decimals.MatchString(s) && m >= least && m <= domain.MaxAmount
	}}
}

// money is an amount of euro; -1 for what is none, which no rule lets pass. The
// schema allows leading zeros, which domain.ParseMoney has no reason to.
func money(s string) domain.Money {
	bare := strings.TrimLeft(s, "0")
	if strings.HasPrefix(bare, ".") {
		bare = "0" + bare
	}
	m, err := domain.ParseMoney(bare)
	if err != nil {
		return -1
	}
	return m
}

// count is a whole number that passed its rule; 0 where there is none.
func count(s string) int64 {
	whole, _, _ := strings.Cut(s, ".")
	n, _ := strconv.ParseInt(whole, 10, 64)
	return n
}
