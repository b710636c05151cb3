package portal

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gorilla/mux"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// Pages that are open ask for news: the question is held until there is some, so that a
// receipt is on the page as soon as the views have it. See frame.Site.News.

// outcomeNews answers with the outcome once it is not what the page shows.
func (s *site) outcomeNews(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	id := mux.Vars(r)["payment"]
	p, err := s.payment(r, who, id)
	if err != nil {
		return err
	}
	if !frame.IsFragment(r) {
		http.Redirect(w, r, outcomePath(p.ID), http.StatusSeeOther)
		return nil
	}
	news, err := s.News(r.Context(), func() (eventstore.Position, bool, error) {
		p, err = s.payment(r, who, id)
		return p.Position, err == nil && s.outcomeOf(p).State() != r.URL.Query().Get("stato"), err
	})
	if err != nil || !news {
		return silent(w, err)
	}
	return s.Part(w, "esito", s.outcomeOf(p))
}

// silent answers that there is no news: nothing to read aloud again.
func silent(w http.ResponseWriter, err error) error {
	if err == nil {
		w.WriteHeader(http.StatusNoContent)
	}
	return err
}

// seen is what an open Paga page says that it shows of one bulletin.
type seen struct {
	Notice domain.NoticeNumber
	State  string // as payRow.State names it
}

// State names how a row stands, for the page to say what it shows.
func (r payRow) State() string {
	switch {
	case r.Pending != nil:
		return "in-pagamento"
	case r.Verifying != nil:
		return "in-verifica"
	}
	return "inviato"
}

// How a bulletin stands that is not to be paid any more.
const (
	nowPaid = "pagato"
	nowRate = "a-rate" // an instalment of it is paid: those that are left are to be paid
	nowGone = "chiuso"
)

// closed reports whether the page shows that the bulletin is not to be paid any more.
func (v seen) closed() bool { return v.State == nowPaid || v.State == nowRate || v.State == nowGone }

func readSeen(query url.Values) (rows []seen) {
	for _, value := range query["visto"] {
		number, state, _ := strings.Cut(value, ".")
		if notice, err := domain.ParseNoticeNumber(number); err == nil {
			rows = append(rows, seen{notice, state})
		}
	}
	return rows
}

// payNewsPage is what changed since a Paga page was shown.
type payNewsPage struct {
	Rows   []payRow // that stand otherwise than the page shows
	Closed []seen   // not to be paid any more
	More   bool     // there are bulletins that the page does not have
	Totals totals
}

// payNews answers with the rows that changed, the totals, and a sentence about it.
// Ticks stay as they are, and so does what has the focus.
func (s *site) payNews(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	if !frame.IsFragment(r) {
		http.Redirect(w, r, payPath, http.StatusSeeOther)
		return nil
	}
	query := r.URL.Query()
	c := cart{Category: domain.CategoryCode(query.Get("categoria")), Ticks: readTicks(query), Confirmed: readConfirmed(query)}
	rows, more := readSeen(query), query.Get("nuovi") != ""
	var dues Dues
	news, err := s.News(r.Context(), func() (at eventstore.Position, news bool, err error) {
		dues, err = s.Views.OpenBulletins(r.Context(), parentOf(who), c.Category)
		return dues.Position, err == nil && (differs(dues, rows) || hasMore(dues, rows) != more || query.Get("saldo") != dues.Saldo.String()), err
	})
	if err != nil || !news {
		return silent(w, err)
	}
	content := payNewsPage{More: hasMore(dues, rows), Totals: c.totals(dues)}
	for _, b := range dues.Bulletins {
		row := payRow{b, c.ticked(b.Notice)}
		if i := slices.IndexFunc(rows, func(v seen) bool { return v.Notice == b.Notice }); i >= 0 && rows[i].State != row.State() {
			content.Rows = append(content.Rows, row)
		}
	}
	if content.Closed, err = s.closed(r, who, dues, rows); err != nil {
		return err
	}
	return s.Part(w, "novita", content)
}

// differs reports whether a row that the page shows stands otherwise now.
func differs(dues Dues, rows []seen) bool {
	return slices.ContainsFunc(rows, func(v seen) bool {
		i := slices.IndexFunc(dues.Bulletins, func(b Bulletin) bool { return b.Notice == v.Notice })
		if i < 0 {
			return !v.closed()
		}
		return payRow{Bulletin: dues.Bulletins[i]}.State() != v.State
	})
}

// hasMore reports whether there are bulletins that the page does not show.
func hasMore(dues Dues, rows []seen) bool {
	return slices.ContainsFunc(dues.Bulletins, func(b Bulletin) bool {
		return !slices.ContainsFunc(rows, func(v seen) bool { return v.Notice == b.Notice })
	})
}

// closed says what became of the rows that are not to be paid any more, and that the
// page still shows as if they were.
func (s *site) closed(r *http.Request, who frame.Visit, dues Dues, rows []seen) (closed []seen, err error) {
	for _, v := range rows {
		open := slices.ContainsFunc(dues.Bulletins, func(b Bulletin) bool { return b.Notice == v.Notice })
		if open || v.closed() {
			continue
		}
		n, err := s.Views.Notice(r.Context(), parentOf(who), v.Notice)
		switch {
		case errors.Is(err, ErrNotFound):
		case err != nil:
			return nil, err
		}
		switch {
		case n.Receipt != nil:
			v.State = nowPaid
		case slices.ContainsFunc(dues.Bulletins, func(b Bulletin) bool { return b.Whole == v.Notice }):
			v.State = nowRate
		default:
			v.State = nowGone
		}
		closed = append(closed, v)
	}
	return closed, nil
}
