package mail_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/mail"
)

// ask requests path from the page of b, mounted at /posta.
func ask(t *testing.T, b *box, method, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	mail.MailboxPage(b.Mailbox, "/posta").ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w
}

// show requests a page that must be there.
func show(t *testing.T, b *box, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := ask(t, b, http.MethodGet, path)
	if w.Code != http.StatusOK {
		t.Fatalf("GET %s: %d", path, w.Code)
	}
	return w
}

func mustContain(t *testing.T, page string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(page, part) {
			t.Errorf("the page does not have %s\n%s", part, page)
		}
	}
}

func TestThePageListsTheMessages(t *testing.T) {
	b := openBox(t)
	mustContain(t, show(t, b, "/posta/").Body.String(), "Non ci sono messaggi.")
	m := reminder()
	m.Subject = `<b>Avviso</b>`
	b.send(t, m)
	mustContain(t, show(t, b, "/posta/").Body.String(),
		`<html lang="it">`, `<title>Messaggi - Casella di posta dimostrativa</title>`, `href="/posta/stile.css"`,
		`<th scope="row"><a href="/posta/20260914T223015.250Z-f3a8b0c2-reminder.eml">&lt;b&gt;Avviso&lt;/b&gt;</a></th>`,
		`<td>anna.verdi@esempio.example</td>`,
		`<time datetime="2026-09-15T00:30:15&#43;02:00">15/09/2026 00:30</time>`)
}

func TestThePageSaysWhenItDoesNotShowAll(t *testing.T) {
	b := openBox(t)
	b.send(t, reminder())
	content, err := os.ReadFile(filepath.Join(b.dir, b.only(t).Name))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		name := "20260913T223015.250Z-" + strings.Repeat("x", i+1) + ".eml"
		if err := os.WriteFile(filepath.Join(b.dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	page := show(t, b, "/posta/").Body.String()
	mustContain(t, page, "Sono mostrati gli ultimi 100 messaggi su 101.")
	if rows := strings.Count(page, `<th scope="row">`); rows != 100 {
		t.Errorf("%d rows, want 100", rows)
	}
}

func TestThePageShowsAMessage(t *testing.T) {
	b := openBox(t)
	b.send(t, reminder())
	path := "/posta/" + b.only(t).Name
	page := show(t, b, path).Body.String()
	mustContain(t, page,
		`<h1>Perché c&#39;è un bollettino da 57,33 €`, `<dd>anna.verdi@esempio.example</dd>`,
		`il bollettino è qui: <a href="https://portale.example/paga?x=1&amp;y=2">https://portale.example/paga?x=1&amp;y=2</a>.`,
		`<a href="`+path+`/allegati/0">avviso 3010 – perché sì`, `(application/pdf, 17 byte)`,
		`<iframe sandbox title="Versione HTML del messaggio" src="`+path+`/html"></iframe>`)
	if strings.Contains(page, "<script") {
		t.Error("the message's own HTML is in the page")
	}
}

func TestAMessageOfTextAloneHasNoFrame(t *testing.T) {
	b := openBox(t)
	m := reminder()
	m.HTML, m.Attachments = "", nil
	b.send(t, m)
	page := show(t, b, "/posta/"+b.only(t).Name).Body.String()
	if strings.Contains(page, "iframe") || strings.Contains(page, "Allegati") {
		t.Errorf("page %s", page)
	}
}

func TestAMessagesHTMLIsSandboxed(t *testing.T) {
	b := openBox(t)
	b.send(t, reminder())
	w := show(t, b, "/posta/"+b.only(t).Name+"/html")
	if w.Body.String() != reminder().HTML {
		t.Errorf("HTML %q", w.Body)
	}
	policy := w.Header().Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "sandbox; default-src 'none';") || strings.Contains(policy, "allow-") || strings.Contains(policy, "script-src") {
		t.Errorf("policy %q", policy)
	}
}

func TestAnAttachmentIsDownloadedAndNeverShown(t *testing.T) {
	b := openBox(t)
	m := reminder()
	b.send(t, m)
	for n, a := range m.Attachments {
		w := show(t, b, "/posta/"+b.only(t).Name+"/allegati/"+string(rune('0'+n)))
		if w.Body.String() != string(a.Content) || w.Header().Get("Content-Type") != a.Type {
			t.Errorf("%s: %q of type %s", a.Name, w.Body, w.Header().Get("Content-Type"))
		}
		if d := w.Header().Get("Content-Disposition"); !strings.HasPrefix(d, "attachment; filename") {
			t.Errorf("%s: disposition %q", a.Name, d)
		}
	}
}

func TestEveryAnswerHasItsSafetyHeaders(t *testing.T) {
	b := openBox(t)
	b.send(t, reminder())
	name := b.only(t).Name
	for _, path := range []string{"/posta/", "/posta/stile.css", "/posta/" + name, "/posta/" + name + "/html", "/posta/" + name + "/allegati/0", "/posta/none", "/altro"} {
		h := ask(t, b, http.MethodGet, path).Header()
		if h.Get("Content-Security-Policy") == "" || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v", path, h)
		}
	}
}

// The policy forbids what is written into a page; here it is not there at all.
func TestPagesHaveNoScriptAndNoStyleInThem(t *testing.T) {
	b := openBox(t)
	b.send(t, reminder())
	inline := regexp.MustCompile(`(?i)<script|<style|\sstyle=|\son[a-z]+=|javascript:`)
	for _, path := range []string{"/posta/", "/posta/" + b.only(t).Name} {
		if found := inline.FindString(show(t, b, path).Body.String()); found != "" {
			t.Errorf("%s has %s", path, found)
		}
	}
	if w := show(t, b, "/posta/stile.css"); w.Header().Get("Content-Type") != "text/css; charset=utf-8" || w.Body.Len() == 0 {
		t.Errorf("style of type %s", w.Header().Get("Content-Type"))
	}
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	b := openBox(t)
	b.send(t, reminder())
	name := b.only(t).Name
	if err := os.WriteFile(filepath.Join(b.dir, "..", name), []byte("outside"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{
		"/posta/none", "/posta/..%2f" + name, "/posta/%2e%2e%2f" + name, "/posta/..%5c" + name, "/posta/%00",
		"/posta/" + name + "/allegati/3", "/posta/" + name + "/allegati/-1", "/posta/" + name + "/allegati/x",
		"/posta/" + name + "/allegati/..%2f..%2f" + name, "/posta/" + name + "/altro", "/altro", "/" + name,
	} {
		if w := ask(t, b, http.MethodGet, path); w.Code != http.StatusNotFound || strings.Contains(w.Body.String(), "outside") {
			t.Errorf("%s: %d %q", path, w.Code, w.Body)
		}
	}
	mustContain(t, ask(t, b, http.MethodGet, "/posta/none").Body.String(), "<h1>Pagina non trovata</h1>", `href="/posta/"`)
}

func TestThePageWithoutItsSlashLeadsToThePage(t *testing.T) {
	w := ask(t, openBox(t), http.MethodGet, "/posta")
	if w.Code/100 != 3 || w.Header().Get("Location") != "/posta/" {
		t.Errorf("%d to %q", w.Code, w.Header().Get("Location"))
	}
}

func TestThePageOnlyReads(t *testing.T) {
	b := openBox(t)
	b.send(t, reminder())
	for _, method := range []string{http.MethodPost, http.MethodDelete, http.MethodPut} {
		if w := ask(t, b, method, "/posta/"+b.only(t).Name); w.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d", method, w.Code)
		}
	}
}

func TestADamagedMessageIsAnInternalErrorThatTellsNothing(t *testing.T) {
	b := openBox(t)
	b.send(t, reminder())
	name := b.only(t).Name
	if err := os.WriteFile(filepath.Join(b.dir, name), []byte("segreto"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/posta/", "/posta/" + name} {
		w := ask(t, b, http.MethodGet, path)
		if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "segreto") || strings.Contains(w.Body.String(), b.dir) {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

func TestThePageCanBeMountedAtTheRoot(t *testing.T) {
	b := openBox(t)
	b.send(t, reminder())
	for _, prefix := range []string{"", "/"} {
		w := httptest.NewRecorder()
		mail.MailboxPage(b.Mailbox, prefix).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		mustContain(t, w.Body.String(), `href="/stile.css"`, `href="/20260914T223015.250Z-f3a8b0c2-reminder.eml"`)
	}
}
