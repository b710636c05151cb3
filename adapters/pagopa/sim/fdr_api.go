package sim

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/mux"

	"github.com/saldo-ledger/saldo/adapters/pagopa/fdr"
	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

// The REST interface of the flows for bodies (fdr_organization.json). Times are
// UTC there, and Italian in the XML.

const fdrBase = "/fdr-org/service/v1/organizations/{body}/fdrs"

func (s *Simulator) fdrRoutes(r *mux.Router) {
	one := fdrBase + "/{fdr}/revisions/{revision}/psps/{psp}"
	r.HandleFunc(fdrBase, s.fdr(s.fdrList)).Methods(http.MethodGet)
	r.HandleFunc(one, s.fdr(s.fdrOne)).Methods(http.MethodGet)
	r.HandleFunc(one+"/payments", s.fdr(s.fdrPayments)).Methods(http.MethodGet)
}

// fdrError is ErrorResponse of the OpenAPI. The codes are the simulator's own.
type fdrError struct {
	ID     string            `json:"errorId"`
	Status int               `json:"httpStatusCode"`
	Title  string            `json:"httpStatusDescription"`
	Code   string            `json:"appErrorCode"`
	Errors []fdrErrorMessage `json:"errors"`
}

type fdrErrorMessage struct {
	Path    string `json:"path,omitempty"`
	Message string `json:"message"`
}

func refuseFdr(w http.ResponseWriter, status int, path, message string) {
	answerJSON(w, status, fdrError{uuid.NewString(), status, http.StatusText(status), fmt.Sprintf("FDR-%04d", status),
		[]fdrErrorMessage{{path, message}}})
}

// fdr checks the key and the body before h.
func (s *Simulator) fdr(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body := domain.FiscalCode(mux.Vars(r)["body"])
		switch {
		case !s.subscribed(r):
			refuseFdr(w, http.StatusUnauthorized, "", "Access denied due to missing or invalid subscription key.")
		case !s.node.knows(body):
			refuseFdr(w, http.StatusNotFound, "organizationId", fmt.Sprintf("Creditor institution %.35q is not registered.", body))
		default:
			h(w, r)
		}
	}
}

// pageWanted is page and size of a query. Pages count from 1.
type pageWanted struct{ number, size int }

const maxPage = 1000

func readPage(q url.Values) (p pageWanted, wrong string) {
	p = pageWanted{1, maxPage}
	for name, value := range map[string]*int{"page": &p.number, "size": &p.size} {
		if !q.Has(name) {
			continue
		}
		n, err := strconv.Atoi(q.Get(name))
		if err != nil || n < 1 || name == "size" && n > maxPage {
			return p, name
		}
		*value = n
	}
	return p, ""
}

// paged is an answer of one page. The counts are of all pages.
type paged[T any] struct {
	Metadata struct {
		Size   int `json:"pageSize"`
		Number int `json:"pageNumber"`
		Pages  int `json:"totPage"`
	} `json:"metadata"`
	Count int `json:"count"`
	Data  []T `json:"data"`
}

func cutPage[T any](all []T, p pageWanted) (answer paged[T]) {
	pages := (len(all) + p.size - 1) / p.size
	answer.Metadata.Size, answer.Metadata.Number, answer.Metadata.Pages = p.size, p.number, pages
	answer.Count, answer.Data = len(all), []T{}
	if p.number <= pages {
		from := (p.number - 1) * p.size
		answer.Data = all[from:min(from+p.size, len(all))]
	}
	return answer
}

// flowByPSP is a flow of the list.
type flowByPSP struct {
	ID        string    `json:"fdr"`
	PSP       string    `json:"pspId"`
	Revision  int       `json:"revision"`
	Published time.Time `json:"published"`
	Date      time.Time `json:"flowDate"`
}

// fdrList lists the latest revision of each published flow, earliest first.
func (s *Simulator) fdrList(w http.ResponseWriter, r *http.Request) {
	q, now := r.URL.Query(), s.now()
	p, wrong := readPage(q)
	earliest := time.Date(now.UTC().Year(), now.UTC().Month()-1, 1, 0, 0, 0, 0, time.UTC)
	published, ok := readInstant(q, "publishedGt", earliest)
	date, good := readInstant(q, "flowDate", earliest)
	switch {
	case wrong != "":
	case !ok:
		wrong = "publishedGt"
	case !good:
		wrong = "flowDate"
	case q.Has("pspId") && (q.Get("pspId") == "" || len(q.Get("pspId")) > 35):
		wrong = "pspId"
	}
	if wrong != "" {
		refuseFdr(w, http.StatusBadRequest, wrong, fmt.Sprintf("Invalid value for %s.", wrong))
		return
	}
	list := []flowByPSP{}
	for _, f := range s.publishedFlows(r, now) {
		last := f.last()
		row := flowByPSP{f.ID, f.PSP.ID, last.Number, last.Published.UTC(), s.instant(last.Flow.Created)}
		if row.Published.After(published) && !row.Date.Before(date) && (!q.Has("pspId") || q.Get("pspId") == row.PSP) {
			list = append(list, row)
		}
	}
	slices.SortStableFunc(list, func(a, b flowByPSP) int { return cmp.Or(a.Published.Compare(b.Published), cmp.Compare(a.ID, b.ID)) })
	answerJSON(w, http.StatusOK, cutPage(list, p))
}

// publishedFlows are the flows of the request's body that are out, each with the
// revisions that are.
func (s *Simulator) publishedFlows(r *http.Request, now time.Time) []flow {
	return s.flowsOf(domain.FiscalCode(mux.Vars(r)["body"]), now)
}

func (s *Simulator) flowsOf(body domain.FiscalCode, now time.Time) (out []flow) {
	for _, f := range s.books.all(now) {
		f.Revisions = slices.DeleteFunc(slices.Clone(f.Revisions), func(v revision) bool { return !v.published(now) })
		if f.Body == body && len(f.Revisions) > 0 {
			out = append(out, f)
		}
	}
	return out
}

// readInstant reads a time of the query, which may come without zone.
func readInstant(q url.Values, name string, missing time.Time) (time.Time, bool) {
	if !q.Has(name) {
		return missing, true
	}
	t, err := soap.DateTime(q.Get(name)).In(time.UTC)
	return t, err == nil && !t.IsZero()
}

// instant is an Italian time of the XML as the REST interface has it.
func (s *Simulator) instant(d soap.DateTime) time.Time {
	t, err := d.In(domain.Rome)
	if err != nil {
		panic("pagopa sim: a flow of its own making: " + err.Error())
	}
	return t.UTC()
}

// fdrRevision finds the revision that the request names.
func (s *Simulator) fdrRevision(w http.ResponseWriter, r *http.Request) (flow, revision, bool) {
	vars := mux.Vars(r)
	number, err := strconv.Atoi(vars["revision"])
	if err != nil || number < 1 {
		refuseFdr(w, http.StatusBadRequest, "revision", "Invalid value for revision.")
		return flow{}, revision{}, false
	}
	for _, f := range s.publishedFlows(r, s.now()) {
		for _, v := range f.Revisions {
			if f.ID == vars["fdr"] && f.PSP.ID == vars["psp"] && v.Number == number {
				return f, v, true
			}
		}
	}
	refuseFdr(w, http.StatusNotFound, "", fmt.Sprintf("Flow with ID %.35q, revision %d, of PSP %.35q not found.", vars["fdr"], number, vars["psp"]))
	return flow{}, revision{}, false
}

// euros is an amount as a JSON number, to the cent.
func euros(m domain.Money) json.Number { return json.Number(m.String()) }

// flowJSON is SingleFlowResponse.
type flowJSON struct {
	Status         string       `json:"status"`
	Revision       int          `json:"revision"`
	Created        time.Time    `json:"created"`
	Updated        time.Time    `json:"updated"`
	ID             string       `json:"fdr"`
	Date           time.Time    `json:"fdrDate"`
	Regulation     string       `json:"regulation"`
	RegulationDate string       `json:"regulationDate"`
	BIC            string       `json:"bicCodePouringBank,omitempty"`
	Sender         senderJSON   `json:"sender"`
	Receiver       receiverJSON `json:"receiver"`
	Published      time.Time    `json:"published"`
	ComputedCount  int64        `json:"computedTotPayments"`
	ComputedSum    json.Number  `json:"computedSumPayments"`
	Count          int64        `json:"totPayments"`
	Sum            json.Number  `json:"sumPayments"`
}

type senderJSON struct {
	Type    string `json:"type"`
	ID      string `json:"id"`
	PSP     string `json:"pspId"`
	Name    string `json:"pspName"`
	Broker  string `json:"pspBrokerId"`
	Channel string `json:"channelId"`
}

type receiverJSON struct {
	ID   string            `json:"id"`
	Body domain.FiscalCode `json:"organizationId"`
	Name string            `json:"organizationName"`
}

func (s *Simulator) fdrOne(w http.ResponseWriter, r *http.Request) {
	f, v, ok := s.fdrRevision(w, r)
	if !ok {
		return
	}
	doc, published := v.Flow, v.Published.UTC()
	answerJSON(w, http.StatusOK, flowJSON{
		Status: "PUBLISHED", Revision: v.Number, Created: published, Updated: published, Published: published,
		ID: f.ID, Date: s.instant(doc.Created), Regulation: doc.Regulation, RegulationDate: string(doc.RegulationDate), BIC: doc.BIC,
		Sender: senderJSON{Type: "BIC_CODE", ID: doc.Sender.Code, PSP: f.PSP.ID, Name: doc.Sender.Name,
			Broker: cmp.Or(f.PSP.FiscalCode, f.PSP.ID), Channel: f.PSP.Channel},
		Receiver:      receiverJSON{doc.Receiver.Code, f.Body, doc.Receiver.Name},
		ComputedCount: doc.Count(), ComputedSum: euros(doc.Sum()), Count: doc.DeclaredCount, Sum: euros(doc.DeclaredTotal),
	})
}

// paymentJSON is Payment.
type paymentJSON struct {
	Index    int         `json:"index"` // in the flow, from 1
	IUV      domain.IUV  `json:"iuv"`
	IUR      string      `json:"iur"`
	Transfer int         `json:"idTransfer"`
	Amount   json.Number `json:"pay"`
	Status   string      `json:"payStatus"`
	Date     time.Time   `json:"payDate"`
}

func (s *Simulator) fdrPayments(w http.ResponseWriter, r *http.Request) {
	p, wrong := readPage(r.URL.Query())
	if wrong != "" {
		refuseFdr(w, http.StatusBadRequest, wrong, fmt.Sprintf("Invalid value for %s.", wrong))
		return
	}
	_, v, ok := s.fdrRevision(w, r)
	if !ok {
		return
	}
	lines := []paymentJSON{}
	for i, l := range v.Flow.Payments {
		lines = append(lines, s.paymentJSON(i+1, l))
	}
	answerJSON(w, http.StatusOK, cutPage(lines, p))
}

// paymentJSON has the day of a payment as the moment that begins it in Italy.
func (s *Simulator) paymentJSON(index int, l fdr.Payment) paymentJSON {
	return paymentJSON{index, l.IUV, l.IUR, l.Transfer(), euros(l.Amount), l.Outcome.PayStatus(),
		s.instant(soap.DateTime(l.Date + "T00:00:00"))}
}
