package portal

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/saldo-ledger/saldo/adapters/portal/portaltest"
)

// TestInABrowser is what only a browser can tell.
func TestInABrowser(t *testing.T) {
	chromium := portaltest.Chromium(t)
	for name, look := range map[string]func(*testing.T, context.Context){
		"every page passes axe":              passEveryState,
		"the guide's bulletin is paid":       payTheBulletin,
		"a sixth tick says why":              tickSix,
		"a bulletin is begun in instalments": beginInstalments,
		"an open Paga hears of receipts":     watchPaga,
		"the unexpected loses nothing":       meetTheUnexpected,
		"an adult registers by keyboard":     registerByKeyboard,
		"a code is typed by keyboard":        linkByKeyboard,
		"the keyboard alone does all":        walkByKeyboard,
		"a question is asked by keyboard":    askByKeyboard,
		"the menu opens on a phone":          openMenu,
		"the session asks before it ends":    outstay,
		"passwords show, data are copied":    showAndCopy,
		"the totals work without scripts":    addWithoutScripts,
		"refusals of the policy are noticed": breakPolicy,
	} {
		t.Run(name, func(t *testing.T) { look(t, portaltest.Tab(t, chromium)) })
	}
}

// passEveryState looks at every state of every page at every width. Those that wait
// for news are told that there is no news.
func passEveryState(t *testing.T, ctx context.Context) {
	answers := map[string]portaltest.Answer{}
	for name, state := range states {
		answers[name] = state(enter(t))
	}
	site := prepared(newWorld()).mustOpen(t)
	shown := http.NewServeMux()
	shown.Handle("/", site)
	silent := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }
	shown.HandleFunc("/paga/esito/", silent)
	shown.HandleFunc("/paga/novita", silent)
	portaltest.PassesEverywhere(t, ctx, shown, answers)
}

// breakPolicy makes sure that the other tests would notice.
func breakPolicy(t *testing.T, ctx context.Context) {
	_, url := serve(t)
	said := portaltest.Complaints(t, ctx)
	portaltest.Steps(t, ctx, chromedp.Navigate(url+"/accesso"))
	portaltest.Eval[any](t, ctx, `document.body.insertAdjacentHTML("beforeend", '<p style="color:red">'); 0`)
	if lines := said(); len(lines) == 0 || !strings.Contains(lines[0], "Content Security Policy") {
		t.Errorf("an inline style went by: %q", lines)
	}
}
