package domain_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
)

func TestPersonsAreTaken(t *testing.T) {
	for name, change := range map[string]func(*domain.Person){
		"as he is":                func(*domain.Person) {},
		"a provisional code":      func(p *domain.Person) { p.FiscalCode = "12345678903" },
		"an apostrophe":           func(p *domain.Person) { p.FamilyName = "D'Angelo" },
		"a typographic one":       func(p *domain.Person) { p.FamilyName = "D’Angelo" },
		"accents and a hyphen":    func(p *domain.Person) { p.GivenName, p.FamilyName = "Nicolò", "Rossi-Šarić" },
		"a composed accent":       func(p *domain.Person) { p.GivenName = "Nicolo\u0300" },
		"two names":               func(p *domain.Person) { p.GivenName = "Maria Chiara" },
		"one letter":              func(p *domain.Person) { p.GivenName = "Ò" },
		"60 letters":              func(p *domain.Person) { p.FamilyName = long(60) },
		"no mobile":               func(p *domain.Person) { p.Mobile = "" },
		"8 digits":                func(p *domain.Person) { p.Mobile = "12345678" },
		"15 digits":               func(p *domain.Person) { p.Mobile = "+12345 67890 12345" },
		"a short address":         func(p *domain.Person) { p.Email = "a@b.it" },
		"an address of 254":       func(p *domain.Person) { p.Email = strings.Repeat("a", 245) + "@prova.it" },
		"the shortest address":    func(p *domain.Person) { p.Email = "a@b.c" },
		"an address with a tilde": func(p *domain.Person) { p.Email = "~!tizio@prova.it" },
		"an address with a plus":  func(p *domain.Person) { p.Email = "tizio+scuola@mail.prova.it" },
		"a username of 4":         func(p *domain.Person) { p.Username = "aZ09" },
		"a username of 30":        func(p *domain.Person) { p.Username = strings.Repeat("a", 27) + "._-" },
	} {
		if err := but(person, change).Check(); err != nil {
			t.Errorf("%s: refused: %v", name, err)
		}
	}
}

func TestPersonsAreRefused(t *testing.T) {
	for _, code := range []domain.FiscalCode{"", "SMPTZ180A01F205Q", "smptzi80a01f205q", "SMP TZI 80A01 F205Q", "12345678902"} {
		err := but(person, func(p *domain.Person) { p.FiscalCode = code }).Check()
		wantRefusal(t, fmt.Sprintf("code %q", code), err, domain.ErrBadPersonCode)
	}
	for _, name := range append(unspeakable, "", " ", " Tizio", "Tizio ", "Tizio1", "Tizio_", "Tizio, Caio", "S. Tizio", "<b>", long(61)) {
		err := but(person, func(p *domain.Person) { p.GivenName = name }).Check()
		wantRefusal(t, fmt.Sprintf("given name %q", name), err, domain.ErrBadName)
		err = but(person, func(p *domain.Person) { p.FamilyName = name }).Check()
		wantRefusal(t, fmt.Sprintf("family name %q", name), err, domain.ErrBadName)
	}
	for _, text := range unspeakable {
		err := but(person, func(p *domain.Person) { p.Email = text + "@prova.it" }).Check()
		wantRefusal(t, fmt.Sprintf("e-mail of %q", text), err, domain.ErrBadEmail)
	}
	for _, email := range []string{
		"", "tizio", "@prova.it", "tizio@", "tizio@prova", "tizio@it.", "tizio@prova.", "tizio@.it", "tizio@prova..it", "ti..zio@prova.it",
		"tizio@@prova.it", "tizio@caio@prova.it", "tizio @prova.it", " tizio@prova.it", "tizio@prova.it ", "tizio@prova.it\r\nBcc: x@y.it",
		"tizio@prova.it,caio@prova.it", "tizio@prova.it;caio@prova.it", "Tizio <tizio@prova.it>", "\"tizio\"@prova.it", "tizio(x)@prova.it",
		"tizio@[127.0.0.1]", "tizio\\@prova.it", "tizio:x@prova.it", "tizìo@prova.it", "t@b.c\x7f", "a@b", "a.b@c",
		strings.Repeat("a", 246) + "@prova.it",
	} {
		err := but(person, func(p *domain.Person) { p.Email = email }).Check()
		wantRefusal(t, fmt.Sprintf("e-mail %q", email), err, domain.ErrBadEmail)
	}
	for _, mobile := range []string{"+", " ", "1234567", "+1234567", "1234567890123456", "333-1234567", "333/1234567", "++391234567", "39+1234567890", "tre", "１２３４５６７８"} {
		err := but(person, func(p *domain.Person) { p.Mobile = mobile }).Check()
		wantRefusal(t, fmt.Sprintf("mobile %q", mobile), err, domain.ErrBadMobile)
	}
	for _, username := range append(unspeakable, "", "abc", strings.Repeat("a", 31), "tizio sempronio", "tizio@prova", "tizìo", "tizio/", "tizio:", "tizio[", "tizio`", "tizio{", "１２３４") {
		err := but(person, func(p *domain.Person) { p.Username = username }).Check()
		wantRefusal(t, fmt.Sprintf("username %q", username), err, domain.ErrBadUsername)
	}
}

func TestChildren(t *testing.T) {
	for _, c := range []domain.Child{child, {GivenName: "Anna", FamilyName: "Sempronio", FiscalCode: "SMPTZI80A41F205U"}} {
		if err := c.Check(); err != nil {
			t.Errorf("%+v: refused: %v", c, err)
		}
	}
	wantRefusal(t, "no given name", domain.Child{FamilyName: "Sempronio"}.Check(), domain.ErrBadName)
	wantRefusal(t, "no family name", domain.Child{GivenName: "Anna"}.Check(), domain.ErrBadName)
	for _, code := range []domain.FiscalCode{"x", "SMPTZ180A01F205Q", "smptzi80a41f205u"} {
		err := but(child, func(c *domain.Child) { c.FiscalCode = code }).Check()
		wantRefusal(t, fmt.Sprintf("code %q", code), err, domain.ErrBadPersonCode)
	}
}

func TestNamesInFull(t *testing.T) {
	for got, want := range map[string]string{
		person.FullName(): "Tizio Sempronio", child.FullName(): "Anna Sempronio",
		domain.Person{FamilyName: "Sempronio"}.FullName(): "Sempronio", domain.Child{GivenName: "Anna"}.FullName(): "Anna", domain.Person{}.FullName(): "",
	} {
		if got != want {
			t.Errorf("the name in full is %q, want %q", got, want)
		}
	}
	if got := domain.FoldUsername("Tizio.SEMPRONIO"); got != "tizio.sempronio" {
		t.Errorf("the username compares as %q", got)
	}
}
