package main

import (
	"bytes"
	"image/png"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"github.com/saldo-ledger/saldo/adapters/httpapi"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore/seal"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// scanned reads the QR code of a PDF's last sheet, as a printer makes it.
func scanned(t *testing.T, pdf string) string {
	t.Helper()
	path, err := exec.LookPath("pdftoppm")
	switch {
	case err != nil && slices.Contains(strings.Split(os.Getenv("SALDO_REQUIRE"), ","), "poppler"):
		t.Fatalf("%v: install poppler-utils", err)
	case err != nil:
		t.Skip("pdftoppm of poppler-utils is not installed")
	}
	cmd := exec.CommandContext(t.Context(), path, "-r", "300", "-png", "-singlefile", "-")
	cmd.Stdin = strings.NewReader(pdf)
	page, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatal(err)
	}
	code, err := qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil {
		t.Fatal(err)
	}
	return code.GetText()
}

// A parent's papers prove, to whoever has the public keys and nothing else, that what they
// say is in the ledger.
func TestPapersCarryAProofThatIsCheckedOffline(t *testing.T) {
	d := startDemo(t)
	notice := d.issue(t, family{Parent: demoParent, Consumer: demoConsumer}, 4321)
	d.deliver(t, proof(receiptID(), notice, 4321))
	d.upToDate(t)
	d.sealed(t)
	v := newVisitor(t)
	v.enter(d)
	v.visit(d.portal + "/documenti/pagamenti")
	quittance := regexp.MustCompile(`/documenti/pagamenti/` + string(notice) + `/[0-9]+`).FindString(v.body)
	statement := regexp.MustCompile(`/documenti/spese/[0-9]{4}\.pdf`)
	pdf := v.document(t, quittance+".pdf")
	v.visit(d.portal + "/documenti")
	papers := []string{pdf, v.document(t, statement.FindString(v.body))}

	keys, err := seal.ReadKeys(t.Context(), d.events().(httpapi.Remote).Sealed())
	if err != nil {
		t.Fatal(err)
	}
	for i, pdf := range papers {
		text := scanned(t, pdf)
		p, err := seal.ParseShort(text)
		if err != nil {
			t.Fatalf("paper %d: %v: %.40q", i, err, text)
		}
		if err := p.Check(keys); err != nil {
			t.Errorf("paper %d: %v", i, err)
		}
		fact, err := wire.New(nil).Decode(t.Context(), p.Event.Recorded())
		paid, ok := fact.(domain.PaymentConfirmed)
		if err != nil || !ok || i == 0 && (paid.Notice != notice || paid.Amount != 4321) {
			t.Errorf("paper %d proves %+v, %v", i, fact, err)
		}
		t.Logf("paper %d: %d characters", i, len(text))
	}
}
