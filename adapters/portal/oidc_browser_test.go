package portal

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

func TestTheProvidersDoorsInABrowser(t *testing.T) {
	ctx := tab(t, chromium(t))
	b, p := withProxy(t)
	p.doors = append(p.doors, Staff)
	said := complaints(t, ctx)
	for name, path := range map[string]string{"porte": "/accesso?torna=/paga", "porte-annullato": "/accesso?esito=annullato"} {
		do(t, ctx, chromedp.Navigate(b.url+path))
		for _, width := range widths {
			do(t, ctx, chromedp.EmulateViewport(width, 900))
			inspect(t, ctx, width)
			picture(t, ctx, fmt.Sprintf("%s-%d.png", name, width))
		}
	}
	eventually(t, ctx, "why nobody entered is not read out first", `location.search.includes("esito") ? document.activeElement.matches('[role="alert"]') : true`)
	for _, line := range said() {
		t.Error("console: ", line)
	}
}
