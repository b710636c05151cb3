package portal

import (
	"archive/zip"
	"bytes"
	"errors"
	"image"
	"image/color"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

func TestPayingAtAPSPShowsItsData(t *testing.T) {
	b := enter(t)
	b.post("/paga/riepilogo", b.payForm("psp", postScuola)).leadsTo("/paga/avvisi/" + string(postScuola))
	if want := []string{"Select 1", "RequestNotices "}; !slices.Equal(b.world.sent, want) {
		t.Errorf("commands %q, want %q", b.world.sent, want)
	}
	b.get("/paga/avvisi/"+string(postScuola)).
		is(http.StatusOK, "Codice avviso di pagamento 3010 0000 0000 0042 85", "Importo 57,33 €", "Codice fiscale ente creditore 00000000000",
			"Codice CBILL ABCDE", "Scadenza 20/02/2020", "Oggetto del pagamento "+causale, "Scarica l'avviso (PDF, 1 kB)", "E-mail*", "Invia email").
		has(`data-copia="301000000000004285"`, `data-copia="57,33"`, `value="tiziosempronio@live.it"`, `aria-labelledby="qr-testo"`)
}

func TestANoticeInPDFIsItsOwnersAlone(t *testing.T) {
	b := enter(t)
	a := b.get("/paga/avvisi/" + string(postScuola) + ".pdf")
	if a.status != http.StatusOK || a.body != string(b.world.pdf) || a.header.Get("Content-Type") != "application/pdf" ||
		a.header.Get("Content-Disposition") != `attachment; filename="avviso-301000000000004285.pdf"` || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v %q", a.status, a.header, a.body)
	}
	b.get("/paga/avvisi/" + string(notice(900)) + ".pdf").is(http.StatusNotFound)
}

func TestANoticeIsShownWithoutItsPDF(t *testing.T) {
	b := enter(t)
	b.world.fail["NoticePDF"] = errors.New("no font")
	b.get("/paga/avvisi/"+string(postScuola)).is(http.StatusOK, "3010 0000 0000 0042 85", "non riusciamo a preparare il PDF").lacks("Scarica l'avviso (PDF")
	b.get("/paga/avvisi/" + string(postScuola) + ".pdf").is(http.StatusInternalServerError)
}

func TestAPaidNoticeIsNotOfferedAgain(t *testing.T) {
	b := enter(t)
	b.world.pay(postScuola)
	b.get("/paga/avvisi/"+string(postScuola)).is(http.StatusOK, "risulta pagato il 10/02/2020 10:31", "RT-").
		lacks("Scarica l'avviso", "Invia email", "Codice QR")
}

func TestANoticeIsSentToTheAddressTyped(t *testing.T) {
	b := enter(t)
	path := "/paga/avvisi/" + string(postScuola)
	form := b.get(path).form()
	key := uuid.MustParse(form.Get("chiave"))
	form.Set("email", "tiziosempronio@live.it")
	b.post(path+"/email", form).leadsTo(path)
	if got := b.world.emails[key]; got != "tiziosempronio@live.it" {
		t.Errorf("sent to %q under the form's key", got)
	}
	b.get(path).is(http.StatusOK, "Avviso inviato a t***@live.it").has(`role="status"`)
	b.get(path).lacks("Avviso inviato") // said once
}

func TestAWrongAddressIsAskedForAgain(t *testing.T) {
	for _, address := range []string{"", "tizio", "tizio@", "Tizio <t@live.it>", "t@live.it, c@live.it", strings.Repeat("x", 250) + "@live.it", "t@live.it\r\nBcc: c@live.it"} {
		b := enter(t)
		a := b.email(address).is(http.StatusUnprocessableEntity, "Inserisci un indirizzo e-mail").has(`aria-describedby="email-errore"`)
		if len(b.world.sent) != 0 {
			t.Errorf("%q: a mail was sent", address)
		}
		if address == "tizio" {
			a.has(`value="tizio"`)
		}
	}
}

func TestTooManyMailsAreRefused(t *testing.T) {
	b := enter(t)
	b.world.fail["EmailNotice"] = ErrTooManyEmails
	b.email("t@live.it").is(http.StatusTooManyRequests, "Hai già inviato più volte questo avviso oggi")
}

func TestSeveralNoticesAreAListAndAnArchive(t *testing.T) {
	b := enter(t)
	notices := b.family()
	to := b.post("/paga/riepilogo", b.payForm("psp", notices...)).header.Get("Location")
	b.world.pay(postScuola)
	page := b.get(to).is(http.StatusOK, "6 avvisi", "Totale 107,33 €", "Pagato", "Inviato Scaduto", "ZIP")
	for _, n := range notices {
		page.has(`href="/paga/avvisi/` + string(n) + `"`)
	}
	a := b.get(strings.Replace(to, "avvisi?", "avvisi.zip?", 1))
	archive, err := zip.NewReader(strings.NewReader(a.body), int64(len(a.body)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range archive.File {
		names = append(names, f.Name)
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		var content bytes.Buffer
		if _, err := content.ReadFrom(r); err != nil || content.String() != string(b.world.pdf) {
			t.Errorf("%s holds %q: %v", f.Name, content.String(), err)
		}
	}
	if len(names) != 5 || slices.Contains(names, pdfName(postScuola)) {
		t.Errorf("the archive holds %q, want the five still to be paid", names)
	}
}

var qrRun = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`)

// TestTheQRCodeReadsAsTheNotice draws the page's SVG and reads it as a phone would.
func TestTheQRCodeReadsAsTheNotice(t *testing.T) {
	page := enter(t).get("/paga/avvisi/" + string(postScuola)).has(`viewBox="0 0 41 41"`).body // version 4 is 33 modules, and the border
	const scale = 8
	picture := image.NewGray(image.Rect(0, 0, 41*scale, 41*scale))
	for i := range picture.Pix {
		picture.Pix[i] = 255
	}
	runs := qrRun.FindAllStringSubmatch(page, -1)
	for _, m := range runs {
		x, y, w := atoi(t, m[1])*scale, atoi(t, m[2])*scale, atoi(t, m[3])*scale
		for dy := range scale {
			for dx := range w {
				picture.SetGray(x+dx, y+dy, color.Gray{})
			}
		}
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(picture)
	if err != nil {
		t.Fatal(err)
	}
	got, err := qrcode.NewQRCodeReader().Decode(bitmap, nil)
	if err != nil {
		t.Fatalf("%d runs: %v", len(runs), err)
	}
	if want := "PAGOPA|002|301000000000004285|00000000000|5733"; got.GetText() != want {
		t.Errorf("the code reads %q, want %q", got.GetText(), want)
	}
}

func atoi(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
