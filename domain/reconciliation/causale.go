package reconciliation

import (
	"slices"
	"strings"

	"github.com/saldo-ledger/saldo/domain"
)

// Causale is what a bank's text says about pagoPA.
type Causale struct {
	// PagoPA reports whether the text is one of pagoPA's at all.
	PagoPA bool
	// Flows are the ids that the text may mean, the longest first. Where the bank put
	// blanks into the text nobody can tell where the id ends: one of them is a flow's,
	// or none is.
	Flows []string
	// IUV is that of a single transfer, of the form before cumulative ones.
	IUV domain.IUV
	// Amount is what a single transfer's text repeats; 0 where it does not.
	Amount domain.Money
}

const (
	cumulative = "LGPE-RIVERSAMENTO"
	uri        = "/URI/"
	maxFlowID  = 35
	maxPieces  = 12 // of an id that a bank broke
)

// ParseCausale reads a bank's text leniently: banks wrap lines, insert blanks and add
// words before and after.
func ParseCausale(text string) Causale {
	upper := strings.ToUpper(text)
	if i := strings.Index(upper, cumulative); i >= 0 && len(upper) == len(text) {
		if j := strings.Index(upper[i:], uri); j >= 0 {
			return Causale{PagoPA: true, Flows: candidates(text[i+j+len(uri):])}
		}
	}
	bare := withoutBlanks(text)
	upper = strings.ToUpper(bare)
	if i := strings.Index(upper, cumulative); i >= 0 {
		c := Causale{PagoPA: true}
		if j := strings.Index(upper[i:], uri); j >= 0 && len(upper) == len(bare) {
			c.Flows = rejoined(text, bare[i+j+len(uri):])
		}
		return c
	}
	return single(bare)
}

// candidates are the ids that a text may begin with: its first word, and that with
// the words that follow, as long as they could belong to it.
func candidates(text string) []string {
	var ids []string
	id := ""
	for n, word := range strings.Fields(text) {
		piece := token(word)
		if n == maxPieces || piece == "" || len(id)+len(piece) > maxFlowID {
			break
		}
		id += piece
		ids = append(ids, id)
		if piece != word {
			break // something ends it
		}
	}
	slices.Reverse(ids)
	return ids
}

// rejoined are the candidates of a text whose very marks are broken: the id begins
// where rest does, once blanks are gone.
func rejoined(text, rest string) []string {
	skip := len(withoutBlanks(text)) - len(rest)
	for i := range len(text) {
		if skip == 0 {
			return candidates(text[i:])
		}
		if !blank(text[i]) {
			skip--
		}
	}
	return nil
}

// single reads the causale of one payment: /RFB/<IUV>[/<amount>] or /RFS/<RF>/<amount>.
func single(bare string) Causale {
	for _, mark := range []string{"/RFB/", "/RFS/"} {
		i := strings.Index(strings.ToUpper(bare), mark)
		if i < 0 || i+len(mark) > len(bare) {
			continue
		}
		parts := strings.SplitN(bare[i+len(mark):], "/", 3)
		iuv := token(parts[0])
		if iuv == "" || len(iuv) > maxFlowID {
			return Causale{PagoPA: true}
		}
		c := Causale{PagoPA: true, IUV: domain.IUV(iuv)}
		if len(parts) > 1 {
			if m, err := domain.ParseMoney(parts[1]); err == nil && m > 0 {
				c.Amount = m
			}
		}
		return c
	}
	return Causale{}
}

// token is the beginning of s that an id can be made of.
func token(s string) string {
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '-' && c != '_' {
			return s[:i]
		}
	}
	return s
}

func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

func withoutBlanks(s string) string { return strings.Join(strings.Fields(s), "") }
