package portal

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/mux"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
)

// NewsReader is where parents read what the body publishes.
type NewsReader interface {
	// News returns what is to be read on a day, the last one first.
	News(ctx context.Context, on domain.Date) ([]News, error)
	// NewsItem returns one piece of it, or ErrNotFound.
	NewsItem(ctx context.Context, id domain.NewsID, on domain.Date) (News, error)
}

const newsPath = "/novita"

var newsTrail = frame.Link{Name: "Novità", URL: newsPath}

// The moment of the last visit to Novità travels in a cookie: what is new since then
// is marked, and nobody keeps a list of who read what.
const (
	newsCookie = "saldo-novita"
	newsKept   = 180 * 24 * time.Hour
)

// newsPage is Novità.
type newsPage struct{ News []newsRow }

// newsRow is one piece of news; Fresh since the reader's last visit.
type newsRow struct {
	News
	Fresh bool
}

func (s *site) news(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	all, err := s.Reader.News(r.Context(), s.Today())
	if err != nil {
		return err
	}
	last, known := s.lastVisit(r)
	var content newsPage
	for _, n := range all {
		changed := n.PublishedAt
		if n.CorrectedAt.After(changed) {
			changed = n.CorrectedAt
		}
		content.News = append(content.News, newsRow{n, known && changed.After(last)})
	}
	s.Keep(w, newsCookie, strconv.FormatInt(s.Now().Unix(), 10), newsKept)
	return s.Show(w, r, who, http.StatusOK, frame.Page{Name: "novita", Title: newsTrail.Name, Trail: []frame.Link{newsTrail}, Content: content})
}

// lastVisit returns when the reader was here last, if that is known.
func (s *site) lastVisit(r *http.Request) (time.Time, bool) {
	seconds, err := strconv.ParseInt(s.Carried(r, newsCookie), 10, 64)
	return time.Unix(seconds, 0), err == nil
}

func (s *site) newsItem(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	id, err := uuid.Parse(mux.Vars(r)["news"])
	if err != nil {
		return frame.ErrNotFound
	}
	n, err := s.Reader.NewsItem(r.Context(), domain.NewsID{UUID: id}, s.Today())
	if err != nil {
		return err
	}
	return s.Show(w, r, who, http.StatusOK, frame.Page{
		Name: "notizia", Title: n.Article.Title, Trail: []frame.Link{newsTrail, {Name: n.Article.Title}}, Content: n,
	})
}
