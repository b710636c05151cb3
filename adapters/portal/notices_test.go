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
	b.Post("/paga/riepilogo", b.payForm("psp", postScuola)).LeadsTo("/paga/avvisi/" + string(postScuola))
	if want := []string{"Select 1", "RequestNotices "}; !slices.Equal(b.world.sent, want) {
		t.Errorf("commands %q, want %q", b.world.sent, want)
	}
	b.Get("/paga/avvisi/"+string(postScuola)).
		Is(http.StatusOK, "Codice avviso di pagamento 3010 0000 0000 0042 85", "Importo 57,33 €", "Codice fiscale ente creditore 00000000000",
			"Codice CBILL ABCDE", "Scadenza 20/02/2020", "Oggetto del pagamento "+causale, "Scarica l'avviso (PDF, 1 kB)", "E-mail*", "Invia email").
		Has(`data-copia="301000000000004285"`, `data-copia="57,33"`, `value="tiziosempronio@live.it"`, `aria-labelledby="qr-testo"`)
}

func TestANoticeInPDFIsItsOwnersAlone(t *testing.T) {
	b := enter(t)
	a := b.Get("/paga/avvisi/" + string(postScuola) + ".pdf")
	if a.Status != http.StatusOK || a.Body != string(b.world.pdf) || a.Header.Get("Content-Type") != "application/pdf" ||
		a.Header.Get("Content-Disposition") != `attachment; filename="avviso-301000000000004285.pdf"` || a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v %q", a.Status, a.Header, a.Body)
	}
	b.Get("/paga/avvisi/" + string(notice(900)) + ".pdf").Is(http.StatusNotFound)
}

func TestANoticeIsShownWithoutItsPDF(t *testing.T) {
	b := enter(t)
	b.world.fail["NoticePDF"] = errors.New("no font")
	b.Get("/paga/avvisi/"+string(postScuola)).Is(http.StatusOK, "3010 0000 0000 0042 85", "non riusciamo a preparare il PDF").Lacks("Scarica l'avviso (PDF")
	b.Get("/paga/avvisi/" + string(postScuola) + ".pdf").Is(http.StatusInternalServerError)
}

func TestAPaidNoticeIsNotOfferedAgain(t *testing.T) {
	b := enter(t)
	b.world.pay(postScuola)
	b.Get("/paga/avvisi/"+string(postScuola)).Is(http.StatusOK, "risulta pagato il 10/02/2020 10:31", "RT-").
		Lacks("Scarica l'avviso", "Invia email", "Codice QR")
}

func TestANoticeIsSentToTheAddressTyped(t *testing.T) {
	b := enter(t)
	path := "/paga/avvisi/" + string(postScuola)
	form := b.Get(path).Form()
	key := uuid.MustParse(form.Get("chiave"))
	form.Set("email", "tiziosempronio@live.it")
	b.Post(path+"/email", form).LeadsTo(path)
	if got := b.world.emails[key]; got != "tiziosempronio@live.it" {
		t.Errorf("sent to %q under the form's key", got)
	}
	b.Get(path).Is(http.StatusOK, "Avviso inviato a t***@live.it").Has(`role="status"`)
	b.Get(path).Lacks("Avviso inviato") // said once
}

func TestAWrongAddressIsAskedForAgain(t *testing.T) {
	for _, address := range []string{"", "tizio", "tizio@", "Tizio <t@live.it>", "t@live.it, c@live.it", strings.Repeat("x", 250) + "@live.it", "t@live.it\r\nBcc: c@live.it"} {
		b := enter(t)
		a := b.email(address).Is(http.StatusUnprocessableEntity, "Inserisci un indirizzo e-mail").Has(`aria-describedby="email-errore"`)
		if len(b.world.sent) != 0 {
			t.Errorf("%q: a mail was sent", address)
		}
		if address == "tizio" {
			a.Has(`value="tizio"`)
		}
	}
}

func TestTooManyMailsAreRefused(t *testing.T) {
	b := enter(t)
	b.world.fail["EmailNotice"] = ErrTooManyEmails
	b.email("t@live.it").Is(http.StatusTooManyRequests, "Hai già inviato più volte questo avviso oggi")
}

func TestSeveralNoticesAreAListAndAnArchive(t *testing.T) {
	b := enter(t)
	notices := b.family()
	to := b.Post("/paga/riepilogo", b.payForm("psp", notices...)).Header.Get("Location")
	b.world.pay(postScuola)
	page := b.Get(to).Is(http.StatusOK, "6 avvisi", "Totale 107,33 €", "Pagato", "Inviato Scaduto", "ZIP")
	for _, n := range notices {
		page.Has(`href="/paga/avvisi/` + string(n) + `"`)
	}
	a := b.Get(strings.Replace(to, "avvisi?", "avvisi.zip?", 1))
	archive, err := zip.NewReader(strings.NewReader(a.Body), int64(len(a.Body)))
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
	page := enter(t).Get("/paga/avvisi/" + string(postScuola)).Has(`viewBox="0 0 41 41"`).Body // version 4 is 33 modules, and the border
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
