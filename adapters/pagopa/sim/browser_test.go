package sim_test

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// pictures is for those who want to look: go test -run InABrowser -pictures DIR.
var pictures = flag.String("pictures", "", "directory for a picture of every page state at every width")

// widths are a phone, a tablet and a desk, in CSS pixels.
var widths = []int64{320, 800, 1280}

// axeFile is axe-core, which the portal's tests keep with its licence.
const axeFile = "../../portal/portaltest/axe/axe.min.js"

func TestInABrowser(t *testing.T) {
	browser := chromium(t)
	t.Run("every page passes axe", func(t *testing.T) { passEveryState(t, tab(t, browser)) })
	t.Run("a payer pays", func(t *testing.T) { payByCard(t, tab(t, browser)) })
	t.Run("a payer gives up", func(t *testing.T) { giveUp(t, tab(t, browser)) })
}

// missing skips a test for what the machine lacks, or fails it where
// SALDO_REQUIRE names chromium.
func missing(t *testing.T, what string, err error) {
	t.Helper()
	if slices.Contains(strings.Split(os.Getenv("SALDO_REQUIRE"), ","), "chromium") {
		t.Fatalf("SALDO_REQUIRE names chromium, and there is no %s: %v", what, err)
	}
	t.Skipf("no %s to look at the pages with: %v", what, err)
}

// chromium starts the system's browser (CHROMIUM is the path of another).
func chromium(t *testing.T) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser takes half a minute")
	}
	path := os.Getenv("CHROMIUM")
	if path == "" {
		path = "chromium"
	}
	found, err := exec.LookPath(path)
	if err != nil {
		missing(t, "chromium", err)
	}
	ctx, stop := chromedp.NewExecAllocator(t.Context(),
		chromedp.ExecPath(found), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-extensions", true), chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
	)
	t.Cleanup(stop)
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	do(t, ctx) // start it
	return ctx
}

func tab(t *testing.T, browser context.Context) context.Context {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	do(t, ctx, chromedp.EmulateViewport(320, 800))
	return ctx
}

func do(t *testing.T, ctx context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

func eval[T any](t *testing.T, ctx context.Context, script string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%.200s: %v", script, err)
	}
	return v
}

// passEveryState looks at every state of every page at every width. The answers
// are shown as they came, so that pages that follow a form are seen too.
func passEveryState(t *testing.T, ctx context.Context) {
	axe, err := os.ReadFile(axeFile)
	if err != nil {
		missing(t, "axe-core", err)
	}
	p, states := everyState(t)
	shown := http.NewServeMux()
	shown.Handle("/", p.sim.Handler())
	for name, a := range states {
		shown.HandleFunc("/copia/"+name, func(w http.ResponseWriter, _ *http.Request) {
			for _, header := range []string{"Content-Type", "Content-Security-Policy"} {
				w.Header().Set(header, a.header.Get(header))
			}
			_, _ = w.Write([]byte(a.body))
		})
	}
	server := httptest.NewServer(shown)
	t.Cleanup(server.Close)
	for _, name := range slices.Sorted(maps.Keys(states)) {
		do(t, ctx, chromedp.Navigate(server.URL+"/copia/"+name))
		eval[any](t, ctx, string(axe)+";0")
		for _, width := range widths {
			do(t, ctx, chromedp.EmulateViewport(width, 800))
			inspect(t, ctx, fmt.Sprintf("%s at %d px", name, width))
			picture(t, ctx, fmt.Sprintf("%s-%d.png", name, width))
		}
	}
}

// report is what axe finds.
type report struct {
	Passed     int `json:"passed"`
	Violations []struct {
		ID, Help string
		Nodes    []struct {
			HTML    string `json:"html"`
			Summary string `json:"failureSummary"`
		}
	} `json:"violations"`
}

func inspect(t *testing.T, ctx context.Context, where string) {
	t.Helper()
	if wide := eval[int](t, ctx, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); wide > 0 {
		t.Errorf("%s: %d px wider than the screen", where, wide)
	}
	r := eval[report](t, ctx, `axe.run(document, {rules: {"target-size": {enabled: true}}})
		.then(r => ({passed: r.passes.length, violations: r.violations}))`)
	if r.Passed < 10 {
		t.Errorf("%s: axe looked at too little: %d rules passed", where, r.Passed)
	}
	for _, v := range r.Violations {
		for _, n := range v.Nodes {
			t.Errorf("%s: %s: %s\n%s\n%s", where, v.ID, v.Help, n.HTML, n.Summary)
		}
	}
}

func picture(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	if *pictures == "" {
		return
	}
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*pictures, name), png, 0o644); err != nil {
		t.Fatal(err)
	}
}

// townHall is the body's site that a payer comes back to, on its own origin.
func townHall(t *testing.T, p *platform) (window string) {
	t.Helper()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprintf(w, "<!DOCTYPE html><title>Comune</title><p>tornato con %s</p>", filepath.Base(r.URL.Path))
	}))
	t.Cleanup(site.Close)
	a := p.cart("v2", strings.ReplaceAll(cartJSON(post), portal, site.URL+"/ritorno/"))
	return a.location
}

// click presses the button or the link of that text and waits for the heading
// or, on the body's site, the paragraph that follows.
func click(t *testing.T, ctx context.Context, text, next string) {
	t.Helper()
	eval[any](t, ctx, fmt.Sprintf(`[...document.querySelectorAll("a, button")].find(e => e.innerText.trim().startsWith(%q)).click(), 0`, text))
	eventually(t, ctx, fmt.Sprintf(`document.querySelector("h1, body > p:first-child").innerText === %q`, next))
}

// eventually waits for a script to become true. A page that is being replaced
// answers with an error, which is not the end.
func eventually(t *testing.T, ctx context.Context, script string) {
	t.Helper()
	for range 400 {
		if ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](script)); err == nil && ok {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatalf("never true: %s\n%s", script, eval[string](t, ctx, "location.href + document.body.innerText"))
}

const welcome = "Benvenuto nel sistema di pagamento della Pubblica Amministrazione italiana: pagoPA"

func payByCard(t *testing.T, ctx context.Context) {
	b := newBody(t)
	p := newPlatform(t, b)
	window := townHall(t, p)
	do(t, ctx, chromedp.Navigate(window))
	click(t, ctx, "Entra con SPID", "Entra con SPID")
	click(t, ctx, "Tizio Sempronio", "pagoPA - Informativa sulla privacy")
	click(t, ctx, "Continua", "pagoPA - Informativa sulla privacy")
	eventually(t, ctx, `document.activeElement?.getAttribute("role") === "alert"`) // what is wrong has the focus
	do(t, ctx, chromedp.Click("#accetto"))
	click(t, ctx, "Continua", "Come vuoi pagare?")
	click(t, ctx, "Carta di credito/debito", "pagoPA accetta queste carte di credito/debito")
	for id, value := range map[string]string{"#nome": "Tizio Sempronio", "#numero": "5555 5555 5555 4444", "#scadenza": "12 / 30", "#cvc": "737"} {
		do(t, ctx, chromedp.SendKeys(id, value))
	}
	click(t, ctx, "Continua", "Riepilogo del pagamento")
	click(t, ctx, "Paga ora", "Pagamento riuscito")
	click(t, ctx, "Torna al sito di Comune di Prova", "tornato con ok")
	if r := b.next(); r.Notice != post {
		t.Errorf("receipt of %s", r.Notice)
	}
}

// giveUp makes sure that the policy lets the form's answer leave the window.
func giveUp(t *testing.T, ctx context.Context) {
	p := newPlatform(t, newBody(t))
	window := townHall(t, p)
	do(t, ctx, chromedp.Navigate(window))
	click(t, ctx, "Chiudi", "Vuoi annullare il pagamento?")
	click(t, ctx, "No, continua a pagare", welcome)
	click(t, ctx, "Chiudi", "Vuoi annullare il pagamento?")
	click(t, ctx, "Sì, annulla il pagamento", "tornato con annullato")
}
