package mail

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // Europe/Rome, on machines that have no time zones of their own
)

//go:embed page
var pageFiles embed.FS

// mostShown bounds the list; a demonstration seldom has more.
const mostShown = 100

// Policies of the pages, and of a message's own HTML: that runs nothing, loads
// nothing and is of no origin, whatever it says.
const (
	pagePolicy = "default-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"
	htmlPolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
)

// mailboxPage answers below prefix.
type mailboxPage struct {
	mb        *Mailbox
	prefix    string
	templates *template.Template
}

// MailboxPage shows mb in a browser, in Italian: the list, each message, its
// attachments. The handler is mounted as it is at prefix ("/posta") and all below
// it. It shows every message to whoever asks, links for new passwords and all:
// it is for demonstrations.
func MailboxPage(mb *Mailbox, prefix string) http.Handler {
	p := &mailboxPage{mb: mb, prefix: strings.TrimRight(prefix, "/")}
	p.templates = template.Must(template.New("").Funcs(pageFuncs()).ParseFS(pageFiles, "page/*.html"))
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+p.prefix+"/{$}", p.list)
	mux.HandleFunc("GET "+p.prefix+"/stile.css", p.style)
	mux.HandleFunc("GET "+p.prefix+"/{name}", p.message)
	mux.HandleFunc("GET "+p.prefix+"/{name}/html", p.html)
	mux.HandleFunc("GET "+p.prefix+"/{name}/allegati/{n}", p.attachment)
	return guarded(mux)
}

// guarded sets the headers that every answer has.
func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", pagePolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// shown is what the templates show.
type shown struct {
	Prefix   string
	Title    string
	Messages []Envelope
	All      int
	Letter   Letter
}

func (p *mailboxPage) list(w http.ResponseWriter, r *http.Request) {
	messages, all, err := p.mb.List(mostShown)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	p.render(w, r, http.StatusOK, "list", shown{Title: "Messaggi", Messages: messages, All: all})
}

func (p *mailboxPage) message(w http.ResponseWriter, r *http.Request) {
	if l, ok := p.letter(w, r); ok {
		p.render(w, r, http.StatusOK, "message", shown{Title: l.Subject, Letter: l})
	}
}

// html answers with the message's own HTML, for the frame in its page.
func (p *mailboxPage) html(w http.ResponseWriter, r *http.Request) {
	if l, ok := p.letter(w, r); ok {
		w.Header().Set("Content-Security-Policy", htmlPolicy)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(l.HTML))
	}
}

func (p *mailboxPage) attachment(w http.ResponseWriter, r *http.Request) {
	l, ok := p.letter(w, r)
	if !ok {
		return
	}
	n, err := strconv.ParseUint(r.PathValue("n"), 10, 16)
	if err != nil || n >= uint64(len(l.Attachments)) {
		p.fail(w, r, fs.ErrNotExist)
		return
	}
	a := l.Attachments[n]
	w.Header().Set("Content-Type", a.Type)
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": a.Name}))
	w.Header().Set("Content-Length", strconv.Itoa(len(a.Content)))
	_, _ = w.Write(a.Content)
}

// letter reads the message the request names, or answers that there is none.
func (p *mailboxPage) letter(w http.ResponseWriter, r *http.Request) (Letter, bool) {
	l, err := p.mb.Read(r.PathValue("name"))
	if err != nil {
		p.fail(w, r, err)
		return Letter{}, false
	}
	return l, true
}

func (p *mailboxPage) style(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, pageFiles, "page/stile.css")
}

func (p *mailboxPage) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, fs.ErrNotExist) {
		p.render(w, r, http.StatusNotFound, "problem", shown{Title: "Pagina non trovata"})
		return
	}
	slog.ErrorContext(r.Context(), "mailbox page", "path", r.URL.Path, "error", err)
	p.render(w, r, http.StatusInternalServerError, "problem", shown{Title: "Errore interno"})
}

// render writes the page only once it is whole.
func (p *mailboxPage) render(w http.ResponseWriter, r *http.Request, status int, name string, s shown) {
	s.Prefix = p.prefix
	var page bytes.Buffer
	if err := p.templates.ExecuteTemplate(&page, name, s); err != nil {
		slog.ErrorContext(r.Context(), "mailbox page", "template", name, "error", err)
		http.Error(w, "Errore interno", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = page.WriteTo(w)
}

func pageFuncs() template.FuncMap {
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		panic("mail: time zones are in the binary: " + err.Error())
	}
	return template.FuncMap{
		"rfc3339": func(t time.Time) string { return t.In(rome).Format(time.RFC3339) },
		"rome":    func(t time.Time) string { return t.In(rome).Format("02/01/2006 15:04") },
		"links":   splitLinks,
		"bytes":   sizeInWords,
	}
}

// sizeInWords returns a size as people read it.
func sizeInWords(n int) string {
	if n < 1000 {
		return fmt.Sprintf("%d byte", n)
	}
	return fmt.Sprintf("%d kB", (n+500)/1000)
}

// run is a piece of a text: a web address, or what is between two.
type run struct {
	Text string
	Link bool
}

var webAddress = regexp.MustCompile(`https?://[^\s<>"]+[^\s<>".,;:!?)\]]`)

// splitLinks finds the web addresses in a text, so that the page can make links
// of them. A full stop or bracket after an address is not part of it.
func splitLinks(text string) []run {
	var runs []run
	from := 0
	for _, at := range webAddress.FindAllStringIndex(text, -1) {
		runs = append(runs, run{Text: text[from:at[0]]}, run{Text: text[at[0]:at[1]], Link: true})
		from = at[1]
	}
	return append(runs, run{Text: text[from:]})
}
