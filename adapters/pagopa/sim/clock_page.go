package sim

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// leap is a place that the clock's page offers to go to.
type leap struct {
	Name, Label string
	to          func(s *Simulator) time.Time
}

// leaps are the places, in the order of the page.
var leaps = []leap{
	{"ora", "Un'ora dopo", func(s *Simulator) time.Time { return s.now().Add(time.Hour) }},
	{"chiusura", "Chiusura della giornata pagoPA (le 13)", func(s *Simulator) time.Time { return nextOf(s.now(), cutOff, 0) }},
	{"giorno", "Domani alla stessa ora", func(s *Simulator) time.Time { return s.now().AddDate(0, 0, 1) }},
	{"accredito", "Prossimo accredito in tesoreria", func(s *Simulator) time.Time { return s.books.nextCredit(s.now()) }},
	{"flusso", "Prossima pubblicazione di un flusso", func(s *Simulator) time.Time { return s.books.nextFlow(s.now()) }},
}

// clockPage is the time and where to go from there.
type clockPage struct {
	Now     time.Time
	Leaps   []leap
	Seconds field
}

const clockTitle = "Orologio della simulazione"

func (s *Simulator) clockPage(value string, wrong formErrors) page {
	content := clockPage{Now: s.now(), Seconds: field{ID: "secondi", Label: "Avanza di secondi", Autocomplete: "off", Numeric: true,
		Value: value, Error: wrong.For("secondi"), Hint: "Un giorno sono 86400 secondi"}}
	for _, l := range leaps {
		if l.to(s).After(content.Now) {
			content.Leaps = append(content.Leaps, l)
		}
	}
	return page{Name: "orologio", Title: clockTitle, Errors: wrong, Content: content}
}

func (s *Simulator) clockForm(w http.ResponseWriter, _ *http.Request) error {
	return s.show(w, http.StatusOK, s.clockPage("", nil))
}

// clockSet goes to one of the leaps, or by so many seconds.
func (s *Simulator) clockSet(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	by, name := time.Duration(0), r.PostForm.Get("a")
	for _, l := range leaps {
		if l.Name == name {
			by = l.to(s).Sub(s.now())
		}
	}
	typed := r.PostForm.Get("secondi")
	if name == "" {
		seconds, err := strconv.ParseInt(typed, 10, 64)
		if err == nil && seconds > 0 && seconds <= int64(MaxAdvance/time.Second) {
			by = time.Duration(seconds) * time.Second
		}
	}
	if err := s.Advance(by); err != nil {
		wrong := formErrors{{"secondi", "L'orologio va solo avanti: inserisci un numero intero di secondi, al massimo 370 giorni per volta"}}
		return s.invalidForm(w, s.clockPage(typed, wrong))
	}
	return redirect(w, r, "/orologio")
}

// clockRequest is POST /api/clock: how far, or where to.
type clockRequest struct {
	Advance string     `json:"advance"` // in Go's notation, "26h"
	To      *time.Time `json:"to"`
	Leap    string     `json:"leap"` // accredito, flusso, …
}

func (s *Simulator) clockJSON(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost {
		var req clockRequest
		dec := json.NewDecoder(r.Body)
		dec.DisallowUnknownFields()
		err := dec.Decode(&req)
		if err == nil {
			err = s.leap(req)
		}
		if err != nil {
			refuseJSON(w, http.StatusBadRequest, "Invalid request", err.Error())
			return
		}
	}
	answerJSON(w, http.StatusOK, map[string]time.Time{"now": s.now()})
}

func (s *Simulator) leap(req clockRequest) error {
	by := time.Duration(0)
	switch {
	case req.Advance != "":
		d, err := time.ParseDuration(req.Advance)
		if err != nil {
			return err
		}
		by = d
	case req.To != nil:
		by = req.To.Sub(s.now())
	default:
		for _, l := range leaps {
			if l.Name == req.Leap {
				by = l.to(s).Sub(s.now())
			}
		}
	}
	return s.Advance(by)
}
