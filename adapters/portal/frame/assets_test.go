package frame

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
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

func TestTheVersionChangesWithTheColour(t *testing.T) {
	one, other := newAssets([]byte("a")), newAssets([]byte("b"))
	if one.prefix == other.prefix || one.prefix != newAssets([]byte("a")).prefix {
		t.Errorf("versions %s and %s", one.prefix, other.prefix)
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
