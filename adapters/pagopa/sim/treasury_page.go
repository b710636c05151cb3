package sim

import (
	"net/http"
	"slices"
	"time"

	"github.com/gorilla/mux"

	"github.com/saldo-ledger/saldo/domain"
)

// treasuryPage is what was booked for each body, latest day first.
type treasuryPage struct{ Bodies []treasuryBody }

type treasuryBody struct {
	Code domain.FiscalCode
	Days []treasuryDay
}

type treasuryDay struct {
	Day       time.Time
	Movements []movement
}

// Path is where the day's documents are.
func (b treasuryBody) Path(d treasuryDay, document string) string {
	return "/api/treasury/" + string(b.Code) + "/" + d.Day.Format(time.DateOnly) + "/" + document
}

func (s *Simulator) treasury(w http.ResponseWriter, _ *http.Request) error {
	var content treasuryPage
	for _, code := range s.bodies() {
		body := treasuryBody{Code: code}
		for _, day := range s.books.days(code, s.now()) {
			d := treasuryDay{Day: day}
			for _, j := range s.books.day(code, day, s.now()) {
				d.Movements = append(d.Movements, j.Movements...)
			}
			body.Days = append(body.Days, d)
		}
		content.Bodies = append(content.Bodies, body)
	}
	return s.show(w, http.StatusOK, page{Name: "tesoreria", Title: "Tesoreria", Content: content})
}

// bodies are the registered bodies, each once.
func (s *Simulator) bodies() (all []domain.FiscalCode) {
	for _, c := range s.config.Creditors {
		if !slices.Contains(all, c.Code) {
			all = append(all, c.Code)
		}
	}
	return all
}

// treasuryDocument serves a day's statement of a body as a file: the giornale di
// cassa or a camt.053. There is one for every day that has begun.
func (s *Simulator) treasuryDocument(w http.ResponseWriter, r *http.Request) {
	vars := mux.Vars(r)
	body, now := domain.FiscalCode(vars["body"]), s.now()
	day, err := time.ParseInLocation(time.DateOnly, vars["day"], domain.Rome)
	if err != nil || day.After(now) || day.Year() < 1999 || day.Year() > 2099 {
		refuseJSON(w, http.StatusNotFound, "Not Found", "the day is none from 1999 to today")
		return
	}
	if !s.node.knows(body) {
		refuseJSON(w, http.StatusNotFound, "Not Found", "the body is not registered")
		return
	}
	accounts := s.books.day(body, day, now)
	var doc []byte
	switch name := vars["document"]; name {
	case "giornale-di-cassa.xml":
		doc = giornaleDiCassa(body, day, accounts)
	case "camt.053.001.02.xml":
		doc = camt053(camt02, body, day, accounts)
	case "camt.053.001.08.xml":
		doc = camt053(camt08, body, day, accounts)
	default:
		refuseJSON(w, http.StatusNotFound, "Not Found", "the documents are giornale-di-cassa.xml, camt.053.001.02.xml and camt.053.001.08.xml")
		return
	}
	answerXML(w, string(body)+"-"+vars["day"]+"-"+vars["document"], doc)
}

// answerXML serves a document as a file of that name.
func answerXML(w http.ResponseWriter, name string, doc []byte) {
	w.Header().Set("Content-Type", "application/xml")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_, _ = w.Write(doc) // an error here is a client that went away
}
