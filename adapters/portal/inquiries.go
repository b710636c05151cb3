package portal

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/gorilla/mux"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/adapters/portal/prose"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// Inquiries is where parents ask the office. Every method answers for one parent:
// what is another's, or another body's, is ErrNotFound or a refusal that says so.
type Inquiries interface {
	// Own returns the parent's questions, the last one first.
	Own(ctx context.Context, parent domain.ParentID) ([]Inquiry, error)
	// Thread returns one of them with everything that was written.
	Thread(ctx context.Context, parent domain.ParentID, id domain.InquiryID) (Thread, error)
	// About returns the bulletins that a question can be about, the last one first.
	About(ctx context.Context, parent domain.ParentID) ([]BulletinName, error)
	// Ask sends a question, or answers a *TooManyAttempts. The id is made from what is
	// asked and the form's key: sent twice it is one question.
	Ask(ctx context.Context, parent domain.ParentID, id domain.InquiryID, about domain.NoticeNumber, q domain.Question) (eventstore.Position, error)
	// Write adds to a question, once for a message's id, or answers a *TooManyAttempts.
	Write(ctx context.Context, parent domain.ParentID, id domain.InquiryID, message uuid.UUID, text string) (eventstore.Position, error)
	// Close says that the parent needs no more.
	Close(ctx context.Context, parent domain.ParentID, id domain.InquiryID, key uuid.UUID) (eventstore.Position, error)
}

const inquiriesPath = "/richieste"

var inquiriesTrail = frame.Link{Name: "Richiesta informazioni", URL: inquiriesPath}

// inquiriesPage is Richiesta informazioni: the form, and what was asked before.
type inquiriesPage struct {
	Question domain.Question
	Notice   domain.NoticeNumber
	About    []BulletinName
	Own      []Inquiry
	Key      string
	Errors   frame.FormErrors
}

func (s *site) inquiries(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	content := inquiriesPage{Key: uuid.NewString(), Notice: domain.NoticeNumber(r.URL.Query().Get("avviso"))}
	return s.showInquiries(w, r, who, http.StatusOK, content)
}

func (s *site) showInquiries(w http.ResponseWriter, r *http.Request, who frame.Visit, status int, content inquiriesPage) (err error) {
	if content.About, err = s.Inquiries.About(r.Context(), parentOf(who)); err != nil {
		return err
	}
	if content.Own, err = s.Inquiries.Own(r.Context(), parentOf(who)); err != nil {
		return err
	}
	return s.Show(w, r, who, status, frame.Page{
		Name: "richieste", Title: inquiriesTrail.Name, Trail: []frame.Link{inquiriesTrail}, Content: content,
	})
}

func (s *site) ask(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	key, err := postedKey(r)
	if err != nil {
		return err
	}
	form := inquiriesPage{Key: key.String(), Notice: domain.NoticeNumber(r.PostForm.Get("avviso"))}
	form.Question = domain.Question{Subject: tidy(r.PostForm.Get("oggetto")), Text: prose.Tidy(r.PostForm.Get("testo"))}
	if form.check(); len(form.Errors) > 0 {
		return s.showInquiries(w, r, who, http.StatusUnprocessableEntity, form)
	}
	id := domain.InquiryID{UUID: uuid.NewSHA1(key, []byte(string(form.Notice)+"\x00"+form.Question.Subject+"\x00"+form.Question.Text))}
	at, err := s.Inquiries.Ask(r.Context(), parentOf(who), id, form.Notice, form.Question)
	if status, known := s.refusedWords(&form.Errors, err, "avviso"); known {
		return s.showInquiries(w, r, who, status, form)
	}
	if err != nil {
		return err
	}
	return s.Done(w, r, at, "Richiesta "+id.Ticket()+" inviata. Te ne abbiamo mandato una copia per e-mail.", inquiryPath(id))
}

func (f *inquiriesPage) check() {
	if n := utf8.RuneCountInString(f.Question.Subject); n < 3 || n > domain.MaxSubject {
		f.Errors.Add("oggetto", "Scrivi l'oggetto della richiesta, da 3 a 100 caratteri")
	} else if errors.Is((domain.Question{Subject: f.Question.Subject, Text: "dieci caratteri"}).Check(), domain.ErrBadSubject) {
		f.Errors.Add("oggetto", "Togli dall'oggetto i caratteri che non si possono leggere")
	}
	switch n := utf8.RuneCountInString(f.Question.Text); {
	case n < domain.MinQuestion:
		f.Errors.Add("testo", "Scrivi la tua richiesta, con almeno 10 caratteri")
	case n > domain.MaxQuestion:
		f.Errors.Add("testo", "La richiesta ha "+frame.Count(n, "carattere", "caratteri")+": accorciala, al massimo sono 2000")
	case (domain.Question{Subject: "oggetto", Text: f.Question.Text}).Check() != nil:
		f.Errors.Add("testo", "Togli dal testo i caratteri che non si possono leggere")
	}
}

// refusedWords explains why what a parent wrote was not taken; false for what is no
// fault of theirs.
func (s *site) refusedWords(problems *frame.FormErrors, err error, about string) (status int, known bool) {
	_, tooMany := errors.AsType[*TooManyAttempts](err)
	switch {
	case tooMany:
		problems.Add("testo", "Per oggi hai scritto molte volte. Riprova domani, oppure chiama l'ufficio")
		return http.StatusTooManyRequests, true
	case errors.Is(err, domain.ErrUnknownBulletin), errors.Is(err, domain.ErrBadNoticeNumber):
		problems.Add(about, "Scegli uno dei tuoi bollettini, oppure nessuno")
	case errors.Is(err, domain.ErrInquiryFull):
		problems.Add("testo", "Questa richiesta ha già molti messaggi. Chiudila e inviane una nuova")
	default:
		return 0, false
	}
	return http.StatusUnprocessableEntity, true
}

func inquiryPath(id domain.InquiryID) string { return inquiriesPath + "/" + id.String() }

func postedKey(r *http.Request) (uuid.UUID, error) {
	if err := frame.ParseForm(r); err != nil {
		return uuid.Nil, err
	}
	key, err := uuid.Parse(r.PostForm.Get("chiave"))
	if err != nil {
		return uuid.Nil, frame.ErrForm
	}
	return key, nil
}

// inquiryPage is one question and what was written since.
type inquiryPage struct {
	Thread
	Text   string // typed, and not taken
	Key    string
	Errors frame.FormErrors
}

// Closed reports whether nobody is to write.
func (p inquiryPage) Closed() bool { return p.Status == domain.InquiryDone }

func inquiryID(r *http.Request) (domain.InquiryID, error) {
	id, err := uuid.Parse(mux.Vars(r)["inquiry"])
	if err != nil {
		return domain.InquiryID{}, frame.ErrNotFound
	}
	return domain.InquiryID{UUID: id}, nil
}

func (s *site) inquiry(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	return s.showInquiry(w, r, who, http.StatusOK, inquiryPage{Key: uuid.NewString()})
}

func (s *site) showInquiry(w http.ResponseWriter, r *http.Request, who frame.Visit, status int, content inquiryPage) error {
	id, err := inquiryID(r)
	if err != nil {
		return err
	}
	if content.Thread, err = s.Inquiries.Thread(r.Context(), parentOf(who), id); err != nil {
		return err
	}
	title := "Richiesta " + id.Ticket()
	return s.Show(w, r, who, status, frame.Page{
		Name: "richiesta", Title: title, Trail: []frame.Link{inquiriesTrail, {Name: title}}, Content: content,
	})
}

// write adds to a question.
func (s *site) write(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	id, err := inquiryID(r)
	if err != nil {
		return err
	}
	key, err := postedKey(r)
	if err != nil {
		return err
	}
	form := inquiryPage{Key: key.String(), Text: prose.Tidy(r.PostForm.Get("testo"))}
	switch n := utf8.RuneCountInString(form.Text); {
	case n == 0:
		form.Errors.Add("testo", "Scrivi il tuo messaggio")
	case n > domain.MaxQuestion:
		form.Errors.Add("testo", "Il messaggio ha "+frame.Count(n, "carattere", "caratteri")+": accorcialo, al massimo sono 2000")
	}
	if len(form.Errors) > 0 {
		return s.showInquiry(w, r, who, http.StatusUnprocessableEntity, form)
	}
	message := uuid.NewSHA1(key, []byte(form.Text))
	at, err := s.Inquiries.Write(r.Context(), parentOf(who), id, message, form.Text)
	if errors.Is(err, domain.ErrBadMessage) {
		form.Errors.Add("testo", "Togli dal testo i caratteri che non si possono leggere")
		return s.showInquiry(w, r, who, http.StatusUnprocessableEntity, form)
	}
	if status, known := s.refusedWords(&form.Errors, err, "testo"); known {
		return s.showInquiry(w, r, who, status, form)
	}
	if err != nil {
		return err
	}
	return s.Done(w, r, at, "Messaggio inviato all'ufficio.", inquiryPath(id))
}

func (s *site) closeInquiry(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	id, err := inquiryID(r)
	if err != nil {
		return err
	}
	key, err := postedKey(r)
	if err != nil {
		return err
	}
	at, err := s.Inquiries.Close(r.Context(), parentOf(who), id, key)
	if err != nil {
		return err
	}
	return s.Done(w, r, at, "Richiesta chiusa. Se ti serve ancora aiuto, scrivi qui: si riapre da sola.", inquiryPath(id))
}

// Chosen reports whether a bulletin is the one that a question is about.
func (f inquiriesPage) Chosen(n domain.NoticeNumber) bool {
	return n == f.Notice && slices.ContainsFunc(f.About, func(b BulletinName) bool { return b.Notice == n })
}
