package portal

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
)

// sound is somebody about whom there is nothing to put right.
var sound = domain.Person{FiscalCode: "SMPTZI80A01F205Q", GivenName: "A", FamilyName: "A", Email: "a@example.it", Username: "abcd"}

// fits reports whether the domain's rules accept a person who is sound but for one
// field.
func fits(field func(*domain.Person)) bool {
	p := sound
	field(&p)
	return p.Check() == nil
}

// checkPerson adds what has to be put right in the data that people can change.
func checkPerson(e *frame.FormErrors, p domain.Person) {
	checkName(e, "nome", p.GivenName)
	checkName(e, "cognome", p.FamilyName)
	if !fits(func(q *domain.Person) { q.Mobile = p.Mobile }) {
		e.Add("cellulare", "Scrivi il cellulare con 8-15 cifre, ad esempio 331 3313313, o lascia vuoto")
	}
	switch {
	case p.Email == "":
		e.Add("email", "Inserisci l'indirizzo e-mail")
	case !fits(func(q *domain.Person) { q.Email = p.Email }):
		e.Add("email", "Scrivi un solo indirizzo e-mail completo, ad esempio nome@esempio.it")
	}
}

// checkName adds what has to be put right in a given or family name; field is its
// input, and what it is called.
func checkName(e *frame.FormErrors, field, name string) {
	switch {
	case name == "":
		e.Add(field, "Inserisci il "+field)
	case !fits(func(q *domain.Person) { q.GivenName = name }):
		e.Add(field, "Scrivi il "+field+" con 1-60 lettere, spazi, apostrofi o trattini")
	}
}

// checkFiscalCode returns the code in its one spelling, or adds what to do.
func checkFiscalCode(e *frame.FormErrors, typed string) domain.FiscalCode {
	code, err := domain.ParsePersonCode(typed)
	switch length := utf8.RuneCountInString(strings.Join(strings.Fields(typed), "")); {
	case length == 0:
		e.Add("cf", "Inserisci il codice fiscale")
	case err != nil && length != 16 && length != 11:
		e.Add("cf", "Inserisci un codice fiscale di 16 caratteri")
	case err != nil:
		e.Add("cf", "Il codice fiscale non è corretto: ricopialo dalla tessera sanitaria, con attenzione a lettere e numeri simili (I e 1, O e 0)")
	}
	return code
}

// checkUsername adds what has to be put right in a username.
func checkUsername(e *frame.FormErrors, username string) {
	switch {
	case username == "":
		e.Add("username", "Inserisci lo username")
	case !fits(func(q *domain.Person) { q.Username = username }):
		e.Add("username", "Scegli uno username di 4-30 lettere senza accento, numeri, punti, trattini o sottolineature, senza spazi")
	}
}

// checkAnswer adds what has to be put right in a secret question and its answer.
func checkAnswer(e *frame.FormErrors, question, answer string) {
	if !slices.Contains(secretQuestions, question) {
		e.Add("domanda", "Scegli una domanda dall'elenco")
	}
	if n := utf8.RuneCountInString(answer); n < 2 || n > 60 {
		e.Add("risposta", "Scrivi una risposta di 2-60 caratteri")
	}
}

// tidy folds the spaces of what was typed.
func tidy(s string) string { return strings.Join(strings.Fields(s), " ") }

// tidyEmail takes the spaces around an address and lowers its domain.
func tidyEmail(s string) string {
	s = strings.TrimSpace(s)
	if at := strings.LastIndexByte(s, '@'); at >= 0 {
		return s[:at] + strings.ToLower(s[at:])
	}
	return s
}

// agrees reports whether a codice fiscale has the letters of a name. A provisional
// one has none. It is a hint: names are spelt in more ways than one.
func agrees(code domain.FiscalCode, given, family string) bool {
	return len(code) != 16 || string(code[:6]) == nameLetters(family, false)+nameLetters(given, true)
}

// nameLetters are the three letters by which a name stands in a codice fiscale: its
// consonants, then its vowels, then X; of a given name with four consonants or more
// the first, third and fourth.
func nameLetters(name string, given bool) string {
	var consonants, vowels string
	for _, r := range strings.ToUpper(norm.NFD.String(name)) {
		switch {
		case r > unicode.MaxASCII || !unicode.IsLetter(r):
		case strings.ContainsRune("AEIOU", r):
			vowels += string(r)
		default:
			consonants += string(r)
		}
	}
	if given && len(consonants) >= 4 {
		consonants = consonants[:1] + consonants[2:4]
	}
	return (consonants + vowels + "XXX")[:3]
}
