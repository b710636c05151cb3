package vault

import (
	"strings"
	"testing"
)

// fromReference is a vector of the reference implementation (test.c of
// P-H-C/phc-winner-argon2): password "password", salt "somesalt".
const fromReference = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"

func TestAHashOfTheReferenceImplementationVerifies(t *testing.T) {
	h, err := parseHash(fromReference)
	if err != nil {
		t.Fatal(err)
	}
	if h.cost != (Argon2id{Memory: 256, Passes: 2, Threads: 1}) || string(h.salt) != "somesalt" {
		t.Errorf("cost %+v, salt %q", h.cost, h.salt)
	}
	if !h.matches("password") || h.matches("passwors") {
		t.Error("the right password does not match, or a wrong one does")
	}
}

func TestAHashIsSaltedAndAtItsCost(t *testing.T) {
	cost := Argon2id{Memory: 64, Passes: 1, Threads: 1}
	one, two := hashPassword("Gatto-nero7", cost), hashPassword("Gatto-nero7", cost)
	if one.String() == two.String() || !strings.HasPrefix(one.String(), "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Errorf("hashes %s and %s", one, two)
	}
	read, err := parseHash(one.String())
	if err != nil || !read.matches("Gatto-nero7") {
		t.Errorf("not read back: %v", err)
	}
}

func TestAnAccentCountsTheSameHoweverItIsTyped(t *testing.T) {
	h := hashPassword("citt\u00e0-bella7", Argon2id{Memory: 64, Passes: 1, Threads: 1})
	if !h.matches("citta\u0300-bella7") {
		t.Error("a letter with a combining accent is not the accented letter")
	}
}

func TestWhatIsNotAnArgon2idHashIsRefused(t *testing.T) {
	good := decoyHash(DefaultHashing).String()
	if _, err := parseHash(good); err != nil {
		t.Fatalf("%s: %v", good, err)
	}
	for _, change := range [][2]string{
		{"argon2id", "argon2i"}, {"v=19", "v=16"}, {"m=19456", "m=99999999"}, {"m=19456", "m=0"}, {"m=19456", "m=019456"},
		{"t=2", "t=0"}, {"t=2", "t=65"}, {"p=1", "p=0"}, {"p=1$", "p=1,x=1$"}, {"$m=", "$x$m="}, {good, ""}, {good, good + "="},
		{good[strings.LastIndex(good, "$"):], "$AAAA"},
	} {
		if bad := strings.Replace(good, change[0], change[1], 1); bad == good {
			t.Errorf("%q is not in %s", change[0], good)
		} else if _, err := parseHash(bad); err == nil {
			t.Errorf("accepted %s", bad)
		}
	}
}
