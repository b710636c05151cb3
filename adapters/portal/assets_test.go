package portal

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var assetURL = regexp.MustCompile(`"(/assets/[^"#]+)`)

func TestAssetsAreKeptForEver(t *testing.T) {
	b := open(t)
	for _, m := range assetURL.FindAllStringSubmatch(b.Get("/accesso").Body, -1) {
		a := b.Get(m[1])
		if a.Status != http.StatusOK || a.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" ||
			a.Header.Get("X-Content-Type-Options") != "nosniff" || a.Header.Get("Content-Type") == "" {
			t.Errorf("%s: %d %v", m[1], a.Status, a.Header)
		}
	}
}

func TestAssetsComePackedToThoseWhoCanUnpack(t *testing.T) {
	b := open(t)
	css := assetURL.FindStringSubmatch(strings.SplitN(b.Get("/accesso").Body, `rel="stylesheet"`, 2)[1])[1]
	b.Header.Set("Accept-Encoding", "identity")
	plain := b.Get(css)
	b.Header.Set("Accept-Encoding", "gzip, deflate, br")
	packed := b.Get(css)
	if packed.Header.Get("Content-Encoding") != "gzip" || plain.Header.Get("Content-Encoding") != "" || packed.Header.Get("Vary") != "Accept-Encoding" {
		t.Errorf("packed %v, plain %v", packed.Header, plain.Header)
	}
	if packed.Body != plain.Body || packed.Sent >= plain.Sent {
		t.Errorf("%d bytes unpack to %d of %d", packed.Sent, len(packed.Body), len(plain.Body))
	}
	head := b.Do(http.MethodHead, css, nil)
	if head.Status != http.StatusOK || head.Body != "" || head.Header.Get("Content-Length") != strconv.Itoa(packed.Sent) {
		t.Errorf("HEAD: %d %v", head.Status, head.Header)
	}
}

func TestAnAssetOfAnotherVersionLeadsToThisOne(t *testing.T) {
	a := open(t).Get("/assets/000000000000/portal/portal.css")
	if to := a.Header.Get("Location"); a.Status != http.StatusTemporaryRedirect || !strings.HasSuffix(to, "/portal/portal.css") || a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d to %q, %v", a.Status, to, a.Header)
	}
}

// weightGoal is the most that the first page may weigh on the wire, in bytes.
const weightGoal = 250_000

// TestTheFirstPageIsLight adds up what a browser without a cache loads: the page,
// what it names, and the fonts of Latin text in three weights.
func TestTheFirstPageIsLight(t *testing.T) {
	b := open(t)
	page := b.Get("/accesso")
	weights := map[string]int{"/accesso": page.Sent}
	add := func(path string) { weights[path] = b.Get(path).Sent }
	for _, m := range assetURL.FindAllStringSubmatch(page.Body, -1) {
		add(m[1])
		if font, ok := strings.CutSuffix(m[1], "400-normal.woff2"); ok {
			add(font + "600-normal.woff2")
			add(font + "700-normal.woff2")
		}
	}
	sum := 0
	for path, n := range weights {
		if n < 50 {
			t.Errorf("%s weighs %d bytes: it is not there", path, n)
		}
		sum += n
	}
	t.Logf("the first page weighs %d bytes in %d answers", sum, len(weights))
	if sum > weightGoal || len(weights) < 9 {
		t.Errorf("the first page weighs %d bytes, the goal is %d: %v", sum, weightGoal, weights)
	}
}

// TestPagesComePackedUnlessAnotherSiteLeadsToThem asks as browsers do: what a page
// elsewhere makes them ask is never packed.
func TestPagesComePackedUnlessAnotherSiteLeadsToThem(t *testing.T) {
	b := enter(t)
	for from, want := range map[string]string{"": "gzip", "none": "gzip", "same-origin": "gzip", "same-site": "", "cross-site": ""} {
		b.Header.Set("Sec-Fetch-Site", from)
		a := b.Get("/paga?categoria="+refezione).Is(http.StatusOK, "POST-SCUOLA")
		if got := a.Header.Get("Content-Encoding"); got != want || a.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("from %q it comes as %q, varying by %q", from, got, a.Header.Get("Vary"))
		}
		if packed := a.Sent < len(a.Body)/2; packed != (want == "gzip") {
			t.Errorf("from %q %d bytes are sent of %d", from, a.Sent, len(a.Body))
		}
	}
	b.Header.Set("Sec-Fetch-Site", "same-origin")
	if a := b.Get("/paga/avvisi/" + string(postScuola) + ".pdf"); a.Header.Get("Content-Encoding") != "" {
		t.Error("a PDF is packed again")
	}
}
