package portal

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// TestVendoredFilesAreAsPublished checks every file of others against the list.
func TestVendoredFilesAreAsPublished(t *testing.T) {
	list, err := assetFiles.ReadFile("assets/SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]string{}
	for line := range strings.Lines(string(list)) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		sums[name] = sum
	}
	licences := 0
	err = fs.WalkDir(assetFiles, "assets", func(path string, d fs.DirEntry, err error) error {
		name := strings.TrimPrefix(path, "assets/")
		if err != nil || d.IsDir() || name == "SHA256SUMS" || strings.HasPrefix(name, "portal/") {
			return err
		}
		data, err := assetFiles.ReadFile(path)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(data)
		if got := hex.EncodeToString(sum[:]); got != sums[name] {
			t.Errorf("%s has sum %s, the list says %q", name, got, sums[name])
		}
		if strings.HasSuffix(name, "/LICENSE") {
			licences++
		}
		delete(sums, name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(sums) > 0 || licences != 3 {
		t.Errorf("listed and not there: %v; %d licences", sums, licences)
	}
}

var assetURL = regexp.MustCompile(`"(/assets/[^"#]+)`)

func TestAssetsAreKeptForEver(t *testing.T) {
	b := open(t)
	b.header.Set("Accept-Encoding", "gzip")
	for _, m := range assetURL.FindAllStringSubmatch(b.get("/accesso").body, -1) {
		a := b.get(m[1])
		if a.status != http.StatusOK || a.header.Get("Cache-Control") != "public, max-age=31536000, immutable" ||
			a.header.Get("X-Content-Type-Options") != "nosniff" || a.header.Get("Content-Type") == "" {
			t.Errorf("%s: %d %v", m[1], a.status, a.header)
		}
	}
}

func TestAssetsComePackedToThoseWhoCanUnpack(t *testing.T) {
	b := open(t)
	css := assetURL.FindStringSubmatch(strings.SplitN(b.get("/accesso").body, `rel="stylesheet"`, 2)[1])[1]
	b.header.Set("Accept-Encoding", "identity")
	plain := b.get(css)
	b.header.Set("Accept-Encoding", "gzip, deflate, br")
	packed := b.get(css)
	if packed.header.Get("Content-Encoding") != "gzip" || plain.header.Get("Content-Encoding") != "" || packed.header.Get("Vary") != "Accept-Encoding" {
		t.Errorf("packed %v, plain %v", packed.header, plain.header)
	}
	z, err := gzip.NewReader(strings.NewReader(packed.body))
	if err != nil {
		t.Fatal(err)
	}
	if unpacked, err := io.ReadAll(z); err != nil || !bytes.Equal(unpacked, []byte(plain.body)) {
		t.Errorf("unpacks to %d bytes of %d: %v", len(unpacked), len(plain.body), err)
	}
	head := b.do(http.MethodHead, css, nil)
	if head.status != http.StatusOK || head.body != "" || head.header.Get("Content-Length") != packed.header.Get("Content-Length") {
		t.Errorf("HEAD: %d %v", head.status, head.header)
	}
}

func TestAnAssetOfAnotherVersionLeadsToThisOne(t *testing.T) {
	a := open(t).get("/assets/000000000000/portal/portal.css")
	if to := a.header.Get("Location"); a.status != http.StatusTemporaryRedirect || !strings.HasSuffix(to, "/portal/portal.css") || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d to %q, %v", a.status, to, a.header)
	}
}

func TestTheVersionChangesWithTheColour(t *testing.T) {
	one, other := newAssets([]byte("a")), newAssets([]byte("b"))
	if one.prefix == other.prefix || one.prefix != newAssets([]byte("a")).prefix {
		t.Errorf("versions %s and %s", one.prefix, other.prefix)
	}
}

// weightGoal is the most that the first page may weigh on the wire, in bytes.
const weightGoal = 250_000

// TestTheFirstPageIsLight adds up what a browser without a cache loads: the page,
// what it names, and the fonts of Latin text in three weights.
func TestTheFirstPageIsLight(t *testing.T) {
	b := open(t)
	b.header.Set("Accept-Encoding", "gzip")
	page := b.get("/accesso").body
	weights := map[string]int{"/accesso": len(page)}
	add := func(path string) { weights[path] = len(b.get(path).body) }
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

func TestAColourHasToCarryWhiteText(t *testing.T) {
	for colour, want := range map[string]string{
		"":        ":root{--ente:#0066cc;--ente-scuro:#0059b2;--ente-piu-scuro:#00478e}\n",
		"#800000": ":root{--ente:#800000;--ente-scuro:#700000;--ente-piu-scuro:#590000}\n",
	} {
		if got, err := stylesheet(colour); err != nil || string(got) != want {
			t.Errorf("%q: %q, %v", colour, got, err)
		}
	}
	for _, colour := range []string{"#ffffff", "#7f7f7f", "#00cc00", "0066cc", "#06c", "#0066ccff", "#00g6cc", "red;}"} {
		if got, err := stylesheet(colour); err == nil {
			t.Errorf("%q is accepted: %s", colour, got)
		}
	}
}
