package mail

import "testing"

func TestWebAddressesInATextBecomeLinks(t *testing.T) {
	for text, want := range map[string]string{
		"niente":                           "niente",
		"vai a https://a.example/x?y=1#z.": "vai a [https://a.example/x?y=1#z].",
		"(http://a.example/) e":            "([http://a.example/]) e",
		"<https://a.example/a>":            "<[https://a.example/a]>",
		"javascript:alert(1)//http":        "javascript:alert(1)//http",
		"":                                 "",
	} {
		got := ""
		for _, r := range splitLinks(text) {
			if r.Link {
				got += "[" + r.Text + "]"
			} else {
				got += r.Text
			}
		}
		if got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

func TestSizesAreReadByPeople(t *testing.T) {
	for n, want := range map[int]string{0: "0 byte", 999: "999 byte", 1000: "1 kB", 1500: "2 kB", 48_700: "49 kB"} {
		if got := sizeInWords(n); got != want {
			t.Errorf("%d bytes are %q, want %q", n, got, want)
		}
	}
}
