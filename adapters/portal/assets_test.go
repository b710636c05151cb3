package portal

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

var assetURL = regexp.MustCompile(`"(/assets/[^"#]+)`)

func TestAssetsAreKeptForEver(t *testing.T) {
	b := open(t)
	b.Header.Set("Accept-Encoding", "gzip")
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
	z, err := gzip.NewReader(strings.NewReader(packed.Body))
	if err != nil {
		t.Fatal(err)
	}
	if unpacked, err := io.ReadAll(z); err != nil || !bytes.Equal(unpacked, []byte(plain.Body)) {
		t.Errorf("unpacks to %d bytes of %d: %v", len(unpacked), len(plain.Body), err)
	}
	head := b.Do(http.MethodHead, css, nil)
	if head.Status != http.StatusOK || head.Body != "" || head.Header.Get("Content-Length") != packed.Header.Get("Content-Length") {
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
	b.Header.Set("Accept-Encoding", "gzip")
	page := b.Get("/accesso").Body
	weights := map[string]int{"/accesso": len(page)}
	add := func(path string) { weights[path] = len(b.Get(path).Body) }
	for _, m := range assetURL.FindAllStringSubmatch(page, -1) {
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
