package portaltest

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// outlined says of what has the focus whether it is what a selector means, and whether
// the focus can be seen: on the element or on the label that draws it.
const outlined = `((wanted) => {
	const e = document.activeElement
	if (e === document.body) return "nowhere"
	const drawn = (s) => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== "none"
	const marks = [e, e.nextElementSibling].filter(Boolean).flatMap(x => [null, "::before", "::after"].map(p => getComputedStyle(x, p)))
	if (!marks.some(drawn)) return "unseen: " + e.outerHTML
	return e.matches(wanted) ? "there" : "elsewhere"
})`

// Keys presses keys where the focus is.
func Keys(t *testing.T, ctx context.Context, pressed string) {
	t.Helper()
	Steps(t, ctx, chromedp.KeyEvent(pressed))
}

// TabTo presses Tab until the focus is on what selector means, and sees it all the way.
func TabTo(t *testing.T, ctx context.Context, selector string) {
	t.Helper()
	step(t, ctx, selector, "Tab", chromedp.KeyEvent(kb.Tab))
}

// BackTo does so with Shift and Tab.
func BackTo(t *testing.T, ctx context.Context, selector string) {
	t.Helper()
	step(t, ctx, selector, "Shift-Tab", chromedp.KeyEvent(kb.Tab, chromedp.KeyModifiers(chromedp.ModifierShift)))
}

func step(t *testing.T, ctx context.Context, selector, name string, press chromedp.Action[chromedp.Void]) {
	t.Helper()
	for range 90 {
		Steps(t, ctx, press)
		switch where := Eval[string](t, ctx, outlined+"(`"+selector+"`)"); {
		case where == "there":
			return
		case strings.HasPrefix(where, "unseen"):
			t.Errorf("on the way to %s the focus is %s", selector, where)
		}
	}
	t.Fatalf("%s does not lead to %s, it ended at %s", name, selector, Focused(t, ctx))
}
