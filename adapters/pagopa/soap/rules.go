package soap

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/saldo-ledger/saldo/domain"
)

// rule is what the text of an element must satisfy: a simple type of the schema.
type rule struct {
	want string // in words, for FieldError
	// collapse says that blanks around the text do not count, as in all the
	// schema's types that are not strings.
	collapse bool
	ok       func(string) bool
}

// The simple types of paForNode.xsd and sac-common-types-1.0.xsd.
var (
	anyText = rule{want: "text", ok: func(string) bool { return true }}
	text5   = text(5, 5)
	text16  = text(1, 16)
	text20  = text(1, 20)
	text35  = text(1, 35)
	text70  = text(1, 70)
	text140 = text(1, 140)
	text210 = text(1, 210)

	bodyCode     = pattern("11 digits", `[0-9]{11}`)
	notice       = pattern("18 digits", `[0-9]{18}`)
	twoCapitals  = pattern("two capital letters", `[A-Z]{2}`)
	email        = both(text(1, 256), pattern("an e-mail address of at most 256 characters", `[a-zA-Z0-9_.+\-]+@[a-zA-Z0-9\-]+(\.[a-zA-Z0-9\-]+)*`))
	outcome      = oneOf("OK", "KO")
	option       = oneOf("EQ", "LS", "GT", "ANY")
	transferType = oneOf("POSTAL", "PAGOPA")
	subjectKind  = oneOf("F", "G")
	subjectCode  = text(2, 16)
	stampKind    = oneOf("01")

	anyAmount  = amount(0)
	amountPaid = amount(1)
	transferID = integer(1, 5)
	xsdInt     = integer(-1<<31, 1<<31-1)
	boolean    = collapsed(oneOf("true", "false", "1", "0"))
	date       = collapsed(rule{want: "a date such as 2026-01-31", ok: isDate})
	dateTime   = collapsed(rule{want: "a date and time such as 2026-01-12T10:15:30", ok: isDateTime})
	base64Text = collapsed(rule{want: "base64", ok: isBase64})
	stampHash  = collapsed(both(text(4, 72), base64Text))
)

func text(least, most int) rule {
	want := fmt.Sprintf("%d to %d characters", least, most)
	return rule{want: want, ok: func(s string) bool {
		n := utf8.RuneCountInString(s)
		return least <= n && n <= most
	}}
}

func pattern(want, expr string) rule {
	return rule{want: want, ok: regexp.MustCompile(`^(?:` + expr + `)$`).MatchString}
}

func oneOf(words ...string) rule {
	want := "one of " + strings.Join(words, ", ")
	return rule{want: want, ok: func(s string) bool { return slices.Contains(words, s) }}
}

// amount is euro with exactly two decimals, from least to the schema's most.
func amount(least domain.Money) rule {
	form := regexp.MustCompile(`^[0-9]+\.[0-9]{2}$`)
	want := fmt.Sprintf("an amount such as 84.50, from %v to %v", least, domain.MaxAmount)
	return collapsed(rule{want: want, ok: func(s string) bool {
		m, err := domain.ParseMoney(s)
		return err == nil && form.MatchString(s) && least <= m && m <= domain.MaxAmount
	}})
}

func integer(least, most int64) rule {
	want := fmt.Sprintf("a whole number from %d to %d", least, most)
	return collapsed(rule{want: want, ok: func(s string) bool {
		n, err := strconv.ParseInt(s, 10, 64)
		return err == nil && least <= n && n <= most
	}})
}

func both(a, b rule) rule {
	return rule{want: b.want, ok: func(s string) bool { return a.ok(s) && b.ok(s) }}
}

func collapsed(r rule) rule {
	r.collapse = true
	return r
}

func isDate(s string) bool {
	_, err := Date(s).In(time.UTC)
	return err == nil && s != ""
}

func isDateTime(s string) bool {
	_, err := DateTime(s).In(time.UTC)
	return err == nil && s != ""
}

// isBase64 allows blanks between the characters, as xsd does.
func isBase64(s string) bool {
	_, err := base64.StdEncoding.Strict().DecodeString(strings.Join(strings.Fields(s), ""))
	return err == nil
}
