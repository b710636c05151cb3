package portaltest

import (
	"context"
	_ "embed"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
)

// axeScript is axe-core 4.14.1 (MPL-2.0; its licence is beside it).
//
//go:embed axe/axe.min.js
var axeScript string

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

// PassesAxe looks at the page as it stands.
func PassesAxe(t *testing.T, ctx context.Context, where string) {
	t.Helper()
	if !Eval[bool](t, ctx, `typeof axe === "object"`) {
		Eval[any](t, ctx, axeScript+";0")
	}
	r := Eval[report](t, ctx, runAxe)
	if r.Passed < 10 {
		t.Errorf("%s: axe looked at too little: %d rules passed", where, r.Passed)
	}
	for _, v := range r.Violations {
		for _, n := range v.Nodes {
			t.Errorf("%s: %s: %s\n%s\n%s", where, v.ID, v.Help, n.HTML, n.Summary)
		}
	}
}

// PassesEverywhere opens answers of a portal at every width: axe finds nothing, the
// page is no wider than the screen, has its font and says nothing in the console.
func PassesEverywhere(t *testing.T, ctx context.Context, portal http.Handler, answers map[string]Answer) {
	base := Replay(t, portal, answers)
	names := slices.Sorted(maps.Keys(answers))
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			said := Complaints(t, ctx)
			Steps(t, ctx, chromedp.Navigate(base+name))
			PassesAtEachWidth(t, ctx, name)
			for _, line := range said() {
				t.Error("console: ", line)
			}
		})
	}
	t.Logf("axe looked at %d pages: %d states at %d widths", len(names)*len(Widths), len(names), len(Widths))
}

// PassesAtEachWidth looks at the page as it stands, at every width, and keeps its
// pictures under name.
func PassesAtEachWidth(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	for _, width := range Widths {
		Steps(t, ctx, chromedp.EmulateViewport(width, 900))
		inspect(t, ctx, width)
		Picture(t, ctx, fmt.Sprintf("%s-%d.png", name, width))
	}
}

func inspect(t *testing.T, ctx context.Context, width int64) {
	t.Helper()
	if wide := Eval[int](t, ctx, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); wide > 0 {
		t.Errorf("at %d px the page is %d px wider than the screen", width, wide)
	}
	if !Eval[bool](t, ctx, `document.fonts.ready.then(() => document.fonts.check("16px 'Titillium Web'"))`) {
		t.Error("Titillium Web is not loaded")
	}
	PassesAxe(t, ctx, fmt.Sprintf("at %d px", width))
}
