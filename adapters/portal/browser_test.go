package portal

import (
	"context"
	_ "embed"
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

// axe-core 4.14.1 (MPL-2.0; its licence is beside it).
//
//go:embed testdata/axe/axe.min.js
var axeScript string

// pictures is for those who want to look: go test -run InABrowser -pictures DIR.
var pictures = flag.String("pictures", "", "directory for a picture of every page state at every width")

// widths are a phone, a tablet and a desk, in CSS pixels.
var widths = []int64{320, 800, 1280}

// chromium starts the system's browser, or skips the test where there is none.
// SALDO_REQUIRE=chromium makes it fail instead.
func chromium(t *testing.T) context.Context {
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
	do(t, ctx) // start it
	return ctx
}

// TestInABrowser is what only a browser can tell.
func TestInABrowser(t *testing.T) {
	chromium := chromium(t)
	for name, look := range map[string]func(*testing.T, context.Context){
		"every page passes axe":              passEveryState,
		"the guide's bulletin is paid":       payTheBulletin,
		"a sixth tick says why":              tickSix,
		"an adult registers by keyboard":     registerByKeyboard,
		"the menu opens on a phone":          openMenu,
		"the session asks before it ends":    outstay,
		"passwords show, data are copied":    showAndCopy,
		"the totals work without scripts":    addWithoutScripts,
		"refusals of the policy are noticed": breakPolicy,
	} {
		t.Run(name, func(t *testing.T) { look(t, tab(t, chromium)) })
	}
}

// tab opens a page of its own, without the others' cookies.
func tab(t *testing.T, browser context.Context) context.Context {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	do(t, ctx, chromedp.EmulateViewport(1280, 900))
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
		t.Fatalf("%s: %v", script, err)
	}
	return v
}

// eventually waits for a script to become true. A page that is being replaced
// answers with an error, which is not the end.
func eventually(t *testing.T, ctx context.Context, what, script string) {
	t.Helper()
	for range 200 {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+script+")"))
		if err == nil && ok {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%s\n%s", what, eval[string](t, ctx, "location.href + document.body.innerText"))
}

// replay serves the answers that a browser got, as it got them, beside the
// portal they came from, so that pages that follow a form can be opened too.
func replay(t *testing.T) (base string, names []string) {
	t.Helper()
	portal, err := New(testConfig(newWorld()))
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", portal)
	mux.HandleFunc("/paga/esito/", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }) // no news
	for name, state := range states {
		a := state(enter(t))
		mux.HandleFunc("/copia/"+name, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", a.header.Get("Content-Type"))
			w.Header().Set("Content-Security-Policy", a.header.Get("Content-Security-Policy"))
			_, _ = w.Write([]byte(a.body))
		})
		names = append(names, name)
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	slices.Sort(names)
	return server.URL + "/copia/", names
}

// complaints collects what the page says in the console: refusals of the content
// security policy are among it.
func complaints(t *testing.T, ctx context.Context) func() []string {
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
		eval[any](t, ctx, `console.log("fine")`)
		<-done
		return said
	}
}

// report is what axe finds, with the rule about the size of targets that WCAG 2.2
// adds and axe leaves out unless asked.
type report struct {
	Passed     int `json:"passed"`
	Violations []struct {
		ID    string `json:"id"`
		Help  string `json:"help"`
		Nodes []struct {
			HTML    string `json:"html"`
			Summary string `json:"failureSummary"`
		} `json:"nodes"`
	} `json:"violations"`
}

// No rule in use reads the style sheets' text, so axe need not load them again.
const runAxe = `axe.run(document, {rules: {"target-size": {enabled: true}}, resultTypes: ["violations"], preload: false})
	.then(r => ({passed: r.passes.length, violations: r.violations}))`

// passesAxe looks at the page as it stands.
func passesAxe(t *testing.T, ctx context.Context, where string) {
	t.Helper()
	if !eval[bool](t, ctx, `typeof axe === "object"`) {
		eval[any](t, ctx, axeScript+";0")
	}
	r := eval[report](t, ctx, runAxe)
	if r.Passed < 10 {
		t.Errorf("%s: axe looked at too little: %d rules passed", where, r.Passed)
	}
	for _, v := range r.Violations {
		for _, n := range v.Nodes {
			t.Errorf("%s: %s: %s\n%s\n%s", where, v.ID, v.Help, n.HTML, n.Summary)
		}
	}
}

// passEveryState looks at every state of every page at every width.
func passEveryState(t *testing.T, ctx context.Context) {
	base, names := replay(t)
	checked := 0
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			said := complaints(t, ctx)
			do(t, ctx, chromedp.Navigate(base+name))
			for _, width := range widths {
				do(t, ctx, chromedp.EmulateViewport(width, 900))
				inspect(t, ctx, width)
				picture(t, ctx, fmt.Sprintf("%s-%d.png", name, width))
				checked++
			}
			for _, line := range said() {
				t.Error("console: ", line)
			}
		})
	}
	t.Logf("axe looked at %d pages: %d states at %d widths", checked, len(names), len(widths))
}

func inspect(t *testing.T, ctx context.Context, width int64) {
	t.Helper()
	if wide := eval[int](t, ctx, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); wide > 0 {
		t.Errorf("at %d px the page is %d px wider than the screen", width, wide)
	}
	if !eval[bool](t, ctx, `document.fonts.ready.then(() => document.fonts.check("16px 'Titillium Web'"))`) {
		t.Error("Titillium Web is not loaded")
	}
	passesAxe(t, ctx, fmt.Sprintf("at %d px", width))
}

// breakPolicy makes sure that the other tests would notice.
func breakPolicy(t *testing.T, ctx context.Context) {
	_, url := serve(t)
	said := complaints(t, ctx)
	do(t, ctx, chromedp.Navigate(url+"/accesso"))
	eval[any](t, ctx, `document.body.insertAdjacentHTML("beforeend", '<p style="color:red">'); 0`)
	if lines := said(); len(lines) == 0 || !strings.Contains(lines[0], "Content Security Policy") {
		t.Errorf("an inline style went by: %q", lines)
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
