package sim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"github.com/saldo-ledger/saldo/adapters/pagopa/fdr"
	"github.com/saldo-ledger/saldo/domain"
)

// switchRows are the switches that are on or off, as the page has them.
var switchRows = []struct {
	name, label string
	of          func(*Switches) *bool
}{
	{"rifiuta", "Pagamento rifiutato", func(s *Switches) *bool { return &s.Refuse }},
	{"abbandona", "Esito ignoto: nessuna ricevuta, a meno che non sia in ritardo", func(s *Switches) *bool { return &s.Abandon }},
	{"tardi", "Risposta dell'ente oltre il tempo massimo", func(s *Switches) *bool { return &s.Timeout }},
	{"doppia", "Ricevuta inviata due volte", func(s *Switches) *bool { return &s.ReceiptTwice }},
	{"persa", "Ricevuta mai inviata: si recupera da Biz Events", func(s *Switches) *bool { return &s.ReceiptLost }},
	{"altra", "Seconda ricevuta con un altro identificativo", func(s *Switches) *bool { return &s.OtherReceipt }},
	{"importo", "Importo sbagliato nella ricevuta", func(s *Switches) *bool { return &s.WrongAmount }},
	{"rotta", "Primo invio della ricevuta con XML interrotto", func(s *Switches) *bool { return &s.CorruptXML }},
	{"ko", "Una risposta KO non vale come consegna", func(s *Switches) *bool { return &s.RetryKO }},
	{"stazione", "Stazione dell'ente irraggiungibile", func(s *Switches) *bool { return &s.StationDown }},
}

// outcomeLabels are the outcomes of a line in a flow, in the order of the page.
var outcomeLabels = []option{
	{"0", "0 - pagamento eseguito"},
	{"3", "3 - pagamento revocato"},
	{"4", "4 - eseguito in stand-in"},
	{"8", "8 - stand-in senza ricevuta"},
	{"9", "9 - eseguito senza ricevuta"},
}

// option is one choice of a select.
type option struct{ Value, Label string }

// switchGroup is one column of the page: for all payments, or for the next.
type switchGroup struct {
	Legend  string
	Rows    []switchRow
	Delay   field  // without an id in a group of flows
	Outcome choice // likewise
}

// choice is a select.
type choice struct {
	ID, Label, Value string
	Options          []option
}

type switchRow struct {
	ID, Label string
	On        bool
}

// Where the names of the page's inputs begin and end.
const (
	forAll        = "sempre"
	forNext       = "prossimo"
	forOne        = "avviso"
	forFlows      = "flussi"
	forFlow       = "flusso"
	delaySuffix   = "-ritardo"
	outcomeSuffix = "-esito"
)

func newSwitchGroup(prefix, legend string, set Switches, wrong formErrors) switchGroup {
	seconds, id := int(time.Duration(set.ReceiptDelay)/time.Second), prefix+delaySuffix
	g := switchGroup{
		Legend: legend,
		Delay: field{ID: id, Label: "Ritardo della ricevuta, in secondi", Autocomplete: "off",
			Numeric: true, Value: strconv.Itoa(seconds), Error: wrong.For(id)},
		Outcome: choice{prefix + outcomeSuffix, "Esito nel flusso di rendicontazione", strconv.Itoa(int(set.LineOutcome)), outcomeLabels},
	}
	for _, row := range switchRows {
		g.Rows = append(g.Rows, switchRow{prefix + "-" + row.name, row.label, *row.of(&set)})
	}
	return g
}

func newFlowGroup(prefix, legend string, set FlowSwitches) switchGroup {
	g := switchGroup{Legend: legend}
	for _, row := range flowRows {
		g.Rows = append(g.Rows, switchRow{prefix + "-" + row.name, row.label, *row.of(&set)})
	}
	return g
}

// switchesPage is all groups, and the notices that have switches of their own.
type switchesPage struct {
	Payments, Flows []switchGroup
	Busy            field
	Notice          field // whose switches One are
	One             switchGroup
	Own             []ownSwitches
}

// ownSwitches are the switches of one notice, in words.
type ownSwitches struct {
	Notice domain.NoticeNumber
	Words  string
}

// switchesPage shows p, and in the form of one notice what was typed there.
func (s *Simulator) switchesPage(p Positions, number string, one Switches, wrong formErrors) page {
	content := switchesPage{
		Payments: []switchGroup{
			newSwitchGroup(forAll, "Per tutti i pagamenti", p.Always, wrong),
			newSwitchGroup(forNext, "Solo per il prossimo pagamento", p.Next, wrong),
		},
		Flows: []switchGroup{
			newFlowGroup(forFlows, "Per tutti i flussi e i loro accrediti", p.Flows),
			newFlowGroup(forFlow, "Solo per il prossimo flusso", p.Flow),
		},
		Busy: field{ID: "occupato", Label: "Chiamate di Biz Events respinte con 429", Autocomplete: "off", Numeric: true,
			Value: strconv.Itoa(p.Busy), Error: wrong.For("occupato")},
		Notice: field{ID: "avviso", Label: "Codice avviso", Autocomplete: "off", Numeric: true, Value: number, Error: wrong.For("avviso"),
			Hint: "18 cifre. Con tutti gli interruttori spenti l'avviso torna normale"},
		One: newSwitchGroup(forOne, "Per il pagamento di un avviso", one, wrong),
	}
	for n, own := range p.Notices {
		content.Own = append(content.Own, ownSwitches{n, own.words()})
	}
	slices.SortFunc(content.Own, func(a, b ownSwitches) int { return strings.Compare(string(a.Notice), string(b.Notice)) })
	return page{Name: "interruttori", Title: "Interruttori", Errors: wrong, Content: content}
}

// words says what is on.
func (s Switches) words() string {
	var on []string
	for _, row := range switchRows {
		if *row.of(&s) {
			on = append(on, row.label)
		}
	}
	if s.ReceiptDelay > 0 {
		on = append(on, "Ricevuta in ritardo di "+count(int(time.Duration(s.ReceiptDelay)/time.Second), "secondo", "secondi"))
	}
	if s.LineOutcome != 0 {
		on = append(on, fmt.Sprintf("Esito %d nel flusso", s.LineOutcome))
	}
	return strings.Join(on, "; ")
}

func (s *Simulator) switchesForm(w http.ResponseWriter, _ *http.Request) error {
	return s.show(w, http.StatusOK, s.switchesPage(s.switches.positions(), "", Switches{}, nil))
}

func (s *Simulator) switchesSet(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	var wrong formErrors
	p := s.switches.positions() // the notices' own have a form of their own
	p.Always, p.Next = readSwitches(r.PostForm, forAll, &wrong), readSwitches(r.PostForm, forNext, &wrong)
	p.Flows, p.Flow = readFlowSwitches(r.PostForm, forFlows), readFlowSwitches(r.PostForm, forFlow)
	busy, err := strconv.Atoi(r.PostForm.Get("occupato"))
	if r.PostForm.Has("occupato") && (err != nil || busy < 0 || busy > MaxBusy) {
		wrong.add("occupato", fmt.Sprintf("Inserisci quante chiamate respingere: un numero intero da 0 a %d", MaxBusy))
	}
	p.Busy = busy
	if len(wrong) > 0 {
		return s.invalidForm(w, s.switchesPage(p, "", Switches{}, wrong))
	}
	s.setSwitches(p)
	return redirect(w, r, "/interruttori")
}

// ownSwitchesSet sets the switches of one notice.
func (s *Simulator) ownSwitchesSet(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	var wrong formErrors
	typed := r.PostForm.Get("avviso")
	n, err := domain.ParseNoticeNumber(strings.Join(strings.Fields(typed), ""))
	if err != nil {
		wrong.add("avviso", "Inserisci il codice avviso: sono 18 cifre")
	}
	one := readSwitches(r.PostForm, forOne, &wrong)
	if len(wrong) == 0 && !s.switches.putOwn(n, one) {
		wrong.add("avviso", fmt.Sprintf("Ci sono già interruttori per %d avvisi: togline qualcuno", maxOwn))
	}
	if len(wrong) > 0 {
		return s.invalidForm(w, s.switchesPage(s.switches.positions(), typed, one, wrong))
	}
	s.config.Logger.Info("switches set", "notice", n, "switches", one)
	return redirect(w, r, "/interruttori")
}

// readSwitches reads one group of the form.
func readSwitches(form url.Values, prefix string, wrong *formErrors) Switches {
	var set Switches
	for _, row := range switchRows {
		*row.of(&set) = form.Get(prefix+"-"+row.name) != ""
	}
	if outcome, err := strconv.Atoi(form.Get(prefix + outcomeSuffix)); err == nil && fdr.Outcome(outcome).Known() {
		set.LineOutcome = LineOutcome(outcome)
	}
	most := int(time.Duration(MaxDelay) / time.Second)
	seconds, err := strconv.Atoi(form.Get(prefix + delaySuffix))
	if err != nil || seconds < 0 || seconds > most {
		wrong.add(prefix+delaySuffix, fmt.Sprintf("Inserisci i secondi di ritardo: un numero intero da 0 a %d", most))
		return set
	}
	set.ReceiptDelay = Delay(time.Duration(seconds) * time.Second)
	return set
}

func readFlowSwitches(form url.Values, prefix string) (set FlowSwitches) {
	for _, row := range flowRows {
		*row.of(&set) = form.Get(prefix+"-"+row.name) != ""
	}
	return set
}

// switchesJSON shows the positions, or puts others in their place: what a PUT
// leaves out is off.
func (s *Simulator) switchesJSON(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPut {
		var p Positions
		dec := json.NewDecoder(r.Body)
		dec.DisallowUnknownFields()
		err := dec.Decode(&p)
		if err == nil {
			err = p.check()
		}
		if err != nil {
			refuseJSON(w, http.StatusBadRequest, "Invalid request", err.Error())
			return
		}
		s.setSwitches(p)
	}
	answerJSON(w, http.StatusOK, s.switches.positions())
}

// ownSwitchesJSON puts or takes away the switches of one notice.
func (s *Simulator) ownSwitchesJSON(w http.ResponseWriter, r *http.Request) {
	n, err := domain.ParseNoticeNumber(mux.Vars(r)["notice"])
	var own Switches
	if err == nil && r.Method == http.MethodPut {
		dec := json.NewDecoder(r.Body)
		dec.DisallowUnknownFields()
		err = dec.Decode(&own)
	}
	switch {
	case err != nil:
		refuseJSON(w, http.StatusBadRequest, "Invalid request", err.Error())
	case !s.switches.putOwn(n, own):
		refuseJSON(w, http.StatusTooManyRequests, "Too Many Requests", fmt.Sprintf("switches of %d notices are set already", maxOwn))
	default:
		answerJSON(w, http.StatusOK, s.switches.positions())
	}
}

// setSwitches puts the switches as they are to be from now on: what should have
// happened until now happens first.
func (s *Simulator) setSwitches(p Positions) {
	s.books.close(s.now())
	s.switches.put(p)
	s.config.Logger.Info("switches set", "always", p.Always, "next", p.Next, "notices", len(p.Notices), "flows", p.Flows, "nextFlow", p.Flow, "busy", p.Busy)
}
