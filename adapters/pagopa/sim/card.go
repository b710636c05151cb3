package sim

import (
	"strconv"
	"strings"
	"time"
	"unicode"
)

// testCard is a card number published by a card network or an acquirer for
// tests. No other number is accepted: a real one must not end up here.
type testCard struct {
	Brand    string
	Number   string
	Declined bool
}

var testCards = []testCard{
	{"Visa", "4242424242424242", false},
	{"Visa", "4111111111111111", false},
	{"Visa", "4012888888881881", false},
	{"Visa", "4222222222222", false},
	{"Visa", "4000000000000002", true},
	{"Mastercard", "5555555555554444", false},
	{"Mastercard", "5105105105105100", false},
	{"Mastercard", "2223003122003222", false},
	{amex, "378282246310005", false},
	{amex, "371449635398431", false},
	{"Discover", "6011111111111117", false},
	{"Diners Club", "30569309025904", false},
	{"JCB", "3530111333300000", false},
}

const amex = "American Express"

// Groups prints the number in groups of four.
func (c testCard) Groups() string { return groups(c.Number) }

// cardForm is what the payer types. It lives as long as the request does.
type cardForm struct {
	Holder, Number, Expiry, Code string
}

// Words for what is wrong with a card.
const (
	badHolder      = "nome e cognome non validi, non ci devono essere caratteri speciali"
	badNumber      = "Inserisci il numero della carta: da 13 a 19 cifre"
	wrongNumber    = "Il numero della carta non è corretto. Controlla le cifre e riprova"
	notATestNumber = "Questo è un simulatore: usa solo uno dei numeri di prova elencati nella pagina"
	badExpiry      = "Inserisci la scadenza come sulla carta: due cifre per il mese e due per l'anno"
	pastExpiry     = "La carta è scaduta. Usa un'altra carta"
)

// read checks the form at the time now and returns the card and what is wrong
// with it.
func (f cardForm) read(now time.Time) (testCard, formErrors) {
	var wrong formErrors
	if !validHolder(f.Holder) {
		wrong.add("nome", badHolder)
	}
	card, message := readNumber(f.Number)
	if message != "" {
		wrong.add("numero", message)
	}
	if message := readExpiry(f.Expiry, now); message != "" {
		wrong.add("scadenza", message)
	}
	if message := readCode(f.Code, card.Brand); message != "" {
		wrong.add("cvc", message)
	}
	return card, wrong
}

// method is paying with the card through p. Its detail is all that stays.
func (c testCard) method(p PSP) method {
	return method{
		Kind: "Carta di credito/debito", Detail: c.Brand + " che termina con " + c.Number[len(c.Number)-4:],
		Code: methodCard, Channel: onWindow, PSP: p, Declined: c.Declined,
	}
}

// validHolder accepts letters, spaces, apostrophes and hyphens, 2 to 70 in all.
func validHolder(s string) bool {
	letters := 0
	for _, r := range s {
		switch {
		case unicode.IsLetter(r) || unicode.IsMark(r):
			letters++
		case !strings.ContainsRune(" '’-", r):
			return false
		}
	}
	return letters >= 2 && len([]rune(s)) <= 70
}

func readNumber(s string) (testCard, string) {
	number := strings.ReplaceAll(s, " ", "")
	switch {
	case len(number) < 13 || len(number) > 19 || !allDigits(number):
		return testCard{}, badNumber
	case !luhn(number):
		return testCard{}, wrongNumber
	}
	for _, c := range testCards {
		if c.Number == number {
			return c, ""
		}
	}
	return testCard{}, notATestNumber
}

// luhn reports whether the last of the digits is the check digit of the rest.
func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// readExpiry accepts "MM / AA" with or without blanks and stroke. A card is good
// until the end of its month.
func readExpiry(s string, now time.Time) string {
	digits := strings.NewReplacer(" ", "", "/", "").Replace(s)
	if len(digits) != 4 || !allDigits(digits) {
		return badExpiry
	}
	month, _ := strconv.Atoi(digits[:2]) // two digits
	year, _ := strconv.Atoi(digits[2:])
	if month < 1 || month > 12 {
		return badExpiry
	}
	if ends := time.Date(2000+year, time.Month(month)+1, 1, 0, 0, 0, 0, now.Location()); !now.Before(ends) {
		return pastExpiry
	}
	return ""
}

// readCode wants four digits of an American Express and three of any other
// brand; while the brand is not known either will do.
func readCode(s, brand string) string {
	switch {
	case allDigits(s) && (len(s) == 4 && (brand == amex || brand == "") || len(s) == 3 && brand != amex):
		return ""
	case brand == amex:
		return "Inserisci le 4 cifre stampate sul fronte della carta"
	}
	return "Inserisci le 3 cifre stampate sul retro della carta"
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
