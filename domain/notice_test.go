package domain_test

import (
	"errors"
	"fmt"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/saldo-ledger/saldo/domain"
)

// workedNotices are notice numbers with what they are made of, computed by hand;
// the last two are samples of pagoPA's own whose check digits are wrong.
var workedNotices = []struct {
	notice domain.NoticeNumber
	iuv    domain.IUV
	aux    byte
	checks bool
	groups string
}{
	{"301000000000004285", "01000000000004285", '3', true, "3010 0000 0000 0042 85"},
	{"347202500001234535", "47202500001234535", '3', true, "3472 0250 0001 2345 35"},
	{"301000000000005000", "01000000000005000", '3', true, "3010 0000 0000 0050 00"},
	{"002202500001234592", "202500001234592", '0', true, "0022 0250 0001 2345 92"},
	{"215202500001234556", "15202500001234556", '2', true, "2152 0250 0001 2345 56"},
	{"112345678901234567", "12345678901234567", '1', true, "1123 4567 8901 2345 67"},
	{"302012387654312384", "02012387654312384", '3', false, "3020 1238 7654 3123 84"},
	{"311111111112222222", "11111111112222222", '3', false, "3111 1111 1112 2222 22"},
}

func TestNoticeNumbers(t *testing.T) {
	for _, w := range workedNotices {
		n, err := domain.ParseNoticeNumber(string(w.notice))
		if err != nil || n != w.notice {
			t.Errorf("%s is not read: %s, %v", w.notice, n, err)
		}
		if n.IUV() != w.iuv || n.AuxDigit() != w.aux || n.HasCheckDigits() != w.checks || n.Groups() != w.groups {
			t.Errorf("%s: IUV %s, aux digit %c, check digits %t, in groups %q; want %s, %c, %t, %q",
				n, n.IUV(), n.AuxDigit(), n.HasCheckDigits(), n.Groups(), w.iuv, w.aux, w.checks, w.groups)
		}
	}
	for sample, right := range map[domain.NoticeNumber]domain.NoticeNumber{
		"302012387654312384": "302012387654312386", "311111111112222222": "311111111112222247",
	} {
		if sample.HasCheckDigits() || !right.HasCheckDigits() {
			t.Errorf("%s should end as %s", sample, right)
		}
	}
}

func TestNewNoticeNumber(t *testing.T) {
	for want, made := range map[domain.NoticeNumber]struct {
		segregation int
		base        uint64
	}{
		"301000000000004285": {1, 42},
		"301000000000005000": {1, 50},
		"300000000000000003": {0, 0},
		"345999999999999975": {45, domain.MaxNoticeBase},
	} {
		got, err := domain.NewNoticeNumber(made.segregation, made.base)
		if err != nil || got != want {
			t.Errorf("segregation code %d and base %d make %s, %v; want %s", made.segregation, made.base, got, err, want)
		}
	}
	for _, bad := range []struct {
		segregation int
		base        uint64
	}{{-1, 1}, {46, 1}, {47, 2025000012345}, {1, domain.MaxNoticeBase + 1}, {1, 1<<64 - 1}} {
		n, err := domain.NewNoticeNumber(bad.segregation, bad.base)
		wantRefusal(t, fmt.Sprint(bad), err, domain.ErrBadNoticeNumber)
		if n != "" {
			t.Errorf("%v makes %s along with a refusal", bad, n)
		}
	}
}

func TestNewNoticeNumbersAreRight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		segregation := rapid.IntRange(0, domain.MaxSegregation).Draw(t, "segregation")
		base := rapid.Uint64Range(0, domain.MaxNoticeBase).Draw(t, "base")
		n, err := domain.NewNoticeNumber(segregation, base)
		if err != nil {
			t.Fatal(err)
		}
		head, _ := new(big.Int).SetString(fmt.Sprintf("3%02d%013d", segregation, base), 10)
		want := fmt.Sprintf("%s%02d", head, new(big.Int).Mod(head, big.NewInt(93)))
		if string(n) != want || !n.HasCheckDigits() {
			t.Fatalf("segregation code %d and base %d make %s, want %s", segregation, base, n, want)
		}
		if back, err := domain.ParseNoticeNumber(string(n)); err != nil || back != n {
			t.Fatalf("%s reads %s, %v", n, back, err)
		}
	})
}

func TestAWrongDigitIsSeen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, err := domain.NewNoticeNumber(1, rapid.Uint64Range(0, domain.MaxNoticeBase).Draw(t, "base"))
		if err != nil {
			t.Fatal(err)
		}
		wrong := []byte(n)
		place := rapid.IntRange(1, 17).Draw(t, "place")
		wrong[place] = '0' + (wrong[place]-'0'+byte(rapid.IntRange(1, 9).Draw(t, "by")))%10
		if domain.NoticeNumber(wrong).HasCheckDigits() {
			t.Fatalf("%s passes for %s", wrong, n)
		}
	})
}

func TestParseNoticeNumberRefuses(t *testing.T) {
	for _, s := range []string{
		"", "3", "30100000000000428", "3010000000000042850", "30100000000000428x", "3010000000000042 5", "3010 0000 0000 0042 85",
		"-01000000000004285", "+01000000000004285", "30100000000000428/", "30100000000000428:", "３０１０００", "301000000000004285\n",
	} {
		n, err := domain.ParseNoticeNumber(s)
		wantRefusal(t, s, err, domain.ErrBadNoticeNumber)
		if n != "" {
			t.Errorf("ParseNoticeNumber(%q) = %s along with a refusal", s, n)
		}
	}
}

func TestWhatIsNoNoticeNumber(t *testing.T) {
	for _, n := range []domain.NoticeNumber{"", "3", "30100000000000428", "30100000000000428x", "10100000000000428x"} {
		if n.HasCheckDigits() {
			t.Errorf("%q has check digits", n)
		}
	}
	if iuv, groups := domain.NoticeNumber("").IUV(), domain.NoticeNumber("").Groups(); iuv != "" || groups != "" {
		t.Errorf("no notice number has IUV %q and groups %q", iuv, groups)
	}
}

func TestQRCode(t *testing.T) {
	for amount, want := range map[domain.Money]string{
		8450:             "PAGOPA|002|301000000000004285|12345678903|8450",
		1:                "PAGOPA|002|301000000000004285|12345678903|01",
		99:               "PAGOPA|002|301000000000004285|12345678903|99",
		domain.MaxAmount: "PAGOPA|002|301000000000004285|12345678903|99999999999",
	} {
		if got := notice.QRCode(comune, amount); got != want {
			t.Errorf("the QR code of %s reads %q, want %q", amount, got, want)
		}
	}
}

func FuzzParseNoticeNumber(f *testing.F) {
	for _, w := range workedNotices {
		f.Add(string(w.notice))
		f.Add(w.groups)
	}
	f.Add("30100000000000428x")
	f.Fuzz(func(t *testing.T, s string) {
		n, err := domain.ParseNoticeNumber(s)
		if err != nil {
			if !errors.Is(err, domain.ErrBadNoticeNumber) || n != "" {
				t.Fatalf("ParseNoticeNumber(%q) = %q, %v", s, n, err)
			}
			return
		}
		if string(n) != s || len(s) != 18 || len(n.Groups()) != 22 {
			t.Fatalf("%q reads %q, in groups %q", s, n, n.Groups())
		}
		if iuv := n.IUV(); (len(iuv) != 17 && n.AuxDigit() != '0') || (len(iuv) != 15 && n.AuxDigit() == '0') {
			t.Fatalf("%s has IUV %s", n, iuv)
		}
		n.HasCheckDigits() // whatever it says, it says it
	})
}
