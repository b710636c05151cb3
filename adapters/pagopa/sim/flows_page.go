package sim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/gorilla/mux"

	"github.com/saldo-ledger/saldo/adapters/pagopa/fdr"
	"github.com/saldo-ledger/saldo/domain"
)

// flowsPage is the flows, and how many payments wait for one.
type flowsPage struct {
	Flows []flowRow
	Open  int
}

// flowRow is a flow as the page shows it.
type flowRow struct {
	flow
	now time.Time
}

// Out reports whether the latest revision is published.
func (f flowRow) Out() bool { return f.last().published(f.now) }

// Held reports whether the flow is held back.
func (f flowRow) Held() bool { return f.last().Hidden }

// When is when the latest revision was published, or will be.
func (f flowRow) When() time.Time { return f.last().Published }

// Payments is how many payments the latest revision declares.
func (f flowRow) Payments() int64 { return f.last().Flow.DeclaredCount }

// Total is what the latest revision declares.
func (f flowRow) Total() domain.Money { return f.last().Flow.DeclaredTotal }

func (s *Simulator) flowRows() (rows []flowRow) {
	now := s.now()
	for _, f := range s.books.all(now) {
		rows = append(rows, flowRow{f, now})
	}
	return rows
}

func (s *Simulator) flows(w http.ResponseWriter, _ *http.Request) error {
	content := flowsPage{Flows: s.flowRows(), Open: s.books.open()}
	return s.show(w, http.StatusOK, page{Name: "flussi", Title: "Flussi di rendicontazione", Content: content})
}

// closeNow makes the flows of all that was paid, without waiting for its day.
func (s *Simulator) closeNow(w http.ResponseWriter, r *http.Request) error {
	s.books.closeEarly(s.now())
	return redirect(w, r, "/flussi")
}

// correctFlow publishes a flow anew, as it should be.
func (s *Simulator) correctFlow(w http.ResponseWriter, r *http.Request) error {
	number, err := strconv.Atoi(mux.Vars(r)["flow"])
	if err != nil {
		return errNotFound
	}
	if _, ok := s.books.correct(number, s.now(), FlowSwitches{}); !ok {
		return errNotFound
	}
	return redirect(w, r, "/flussi")
}

// flowXML serves the XML of a revision as a file, published or not: this is the
// PSP's side.
func (s *Simulator) flowXML(w http.ResponseWriter, r *http.Request) error {
	vars := mux.Vars(r)
	for _, f := range s.books.all(s.now()) {
		for _, v := range f.Revisions {
			if strconv.Itoa(f.Number) != vars["flow"] || strconv.Itoa(v.Number) != vars["revision"] {
				continue
			}
			var doc bytes.Buffer
			if err := fdr.Encode(&doc, v.Flow); err != nil {
				return fmt.Errorf("flow %s: %w", f.ID, err)
			}
			answerXML(w, fmt.Sprintf("%s-%d.xml", f.ID, v.Number), doc.Bytes())
			return nil
		}
	}
	return errNotFound
}

// flowOverview is a flow of GET /api/flows, latest first.
type flowOverview struct {
	Number    int               `json:"number"`
	ID        string            `json:"id"`
	Creditor  domain.FiscalCode `json:"creditor"`
	IBAN      string            `json:"iban"`
	PSP       string            `json:"psp"`
	TRN       string            `json:"trn"`
	ValueDate string            `json:"valueDate"`
	Collected domain.Money      `json:"collected"` // what the PSP transferred
	Revisions []revisionJSON    `json:"revisions"`
}

type revisionJSON struct {
	Revision  int          `json:"revision"`
	Published time.Time    `json:"published"`
	Held      bool         `json:"held"` // never to be published
	Payments  int64        `json:"payments"`
	Total     domain.Money `json:"total"`
	XML       string       `json:"xml"`
}

func newFlowOverview(f flow) flowOverview {
	o := flowOverview{
		Number: f.Number, ID: f.ID, Creditor: f.Body, IBAN: f.IBAN, PSP: f.PSP.ID, TRN: f.TRN,
		ValueDate: f.Value.Format(time.DateOnly), Collected: f.collected(),
	}
	for _, v := range f.Revisions {
		o.Revisions = append(o.Revisions, revisionJSON{
			v.Number, v.Published, v.Hidden, v.Flow.DeclaredCount, v.Flow.DeclaredTotal, fmt.Sprintf("/flussi/%d/%d.xml", f.Number, v.Number),
		})
	}
	return o
}

// flowsJSON lists all flows, also those that are not published yet.
func (s *Simulator) flowsJSON(w http.ResponseWriter, _ *http.Request) {
	all := []flowOverview{}
	for _, f := range s.flowRows() {
		all = append(all, newFlowOverview(f.flow))
	}
	answerJSON(w, http.StatusOK, all)
}

// closeJSON is closeNow by API.
func (s *Simulator) closeJSON(w http.ResponseWriter, r *http.Request) {
	s.books.closeEarly(s.now())
	s.flowsJSON(w, r)
}

// correctJSON publishes a flow anew; the body, if any, says what is to be wrong
// with the correction.
func (s *Simulator) correctJSON(w http.ResponseWriter, r *http.Request) {
	var wrong FlowSwitches
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&wrong); err != nil && !errors.Is(err, io.EOF) {
		refuseJSON(w, http.StatusBadRequest, "Invalid request", err.Error())
		return
	}
	number, err := strconv.Atoi(mux.Vars(r)["flow"])
	if err == nil {
		if f, ok := s.books.correct(number, s.now(), wrong); ok {
			answerJSON(w, http.StatusOK, newFlowOverview(f))
			return
		}
	}
	refuseJSON(w, http.StatusNotFound, "Not Found", "no such flow that is published, or corrected too often")
}
