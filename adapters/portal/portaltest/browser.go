package portaltest

import (
	"context"
	"flag"
	"fmt"
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

// Widths are a phone, a tablet and a desk, in CSS pixels.
var Widths = []int64{320, 800, 1280}

// Chromium starts the system's browser, or skips the test where there is none.
// SALDO_REQUIRE=chromium makes it fail instead.
func Chromium(t *testing.T) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser takes a minute")
	}
	path := os.Getenv("CHROMIUM")
	if path == "" {
		path = "chromium"
	}
	found, err := exec.LookPath(path)
	if err != nil {
		if slices.Contains(strings.Split(os.Getenv("SALDO_REQUIRE"), ","), "chromium") {
			t.Fatal("SALDO_REQUIRE names chromium, which is not here: ", err)
		}
		t.Skip("no chromium to look at the pages with (set CHROMIUM to its path): ", err)
	}
	ctx, stop := chromedp.NewExecAllocator(t.Context(),
		chromedp.ExecPath(found), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-extensions", true), chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
	)
	t.Cleanup(stop)
	ctx, cancel := context.WithTimeout(ctx, 8*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	Steps(t, ctx) // start it
	return ctx
}

// Tab opens a page of its own, without the others' cookies.
func Tab(t *testing.T, browser context.Context) context.Context {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	Steps(t, ctx, chromedp.EmulateViewport(1280, 900))
	return ctx
}

// Steps carries out steps in the browser.
func Steps(t *testing.T, ctx context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// Eval returns what a script gives in the page.
func Eval[T any](t *testing.T, ctx context.Context, script string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	return v
}

// Eventually waits for a script to become true. A page that is being replaced
// answers with an error, which is not the end.
func Eventually(t *testing.T, ctx context.Context, what, script string) {
	t.Helper()
	for range 200 {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+script+")"))
		if err == nil && ok {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%s\n%s", what, Eval[string](t, ctx, "location.href + document.body.innerText"))
}

// Arrives waits until the browser has loaded path.
func Arrives(t *testing.T, ctx context.Context, path string) {
	t.Helper()
	Eventually(t, ctx, "waiting for "+path, `location.pathname === "`+path+`" && document.readyState === "complete"`)
}

// Reads waits for the text of an element, spaces folded.
func Reads(t *testing.T, ctx context.Context, selector, text string) {
	t.Helper()
	Eventually(t, ctx, selector+" does not read "+text,
		`document.querySelector("`+selector+`")?.innerText.replace(/\s+/g, " ").includes("`+text+`")`)
}

// Focused names the element that has the focus: its id, or its tag.
func Focused(t *testing.T, ctx context.Context) string {
	t.Helper()
	return Eval[string](t, ctx, `document.activeElement.id || document.activeElement.tagName`)
}

// Complaints collects what the page says in the console: refusals of the content
// security policy are among it.
func Complaints(t *testing.T, ctx context.Context) func() []string {
	t.Helper()
	var said []string
	messages := chromedp.Console(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for m, err := range messages {
			if err != nil {
				return
			}
			if m.Text == "fine" {
				return
			}
			said = append(said, fmt.Sprintf("%s %s %s", m.Type, m.Source, m.Text))
		}
	}()
	return func() []string {
		Eval[any](t, ctx, `console.log("fine")`)
		<-done
		return said
	}
}

// Replay serves the answers that clients got, as they got them, at /copia/<name>,
// beside the portal they came from: pages that follow a form can be opened too.
func Replay(t *testing.T, portal http.Handler, answers map[string]Answer) (base string) {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("/", portal)
	for name, a := range answers {
		mux.HandleFunc("/copia/"+name, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", a.Header.Get("Content-Type"))
			w.Header().Set("Content-Security-Policy", a.Header.Get("Content-Security-Policy"))
			_, _ = w.Write([]byte(a.Body))
		})
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL + "/copia/"
}

// Picture keeps a picture of the page for those who want to look.
func Picture(t *testing.T, ctx context.Context, name string) {
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
