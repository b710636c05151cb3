package sim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// switchRows are the switches that are on or off, as the page has them.
var switchRows = []struct {
	name, label string
	of          func(*Switches) *bool
}{
	{"rifiuta", "Pagamento rifiutato", func(s *Switches) *bool { return &s.Refuse }},
	{"abbandona", "Esito ignoto: nessuna ricevuta, a meno che non sia in ritardo", func(s *Switches) *bool { return &s.Abandon }},
	{"doppia", "Ricevuta inviata due volte", func(s *Switches) *bool { return &s.ReceiptTwice }},
	{"altra", "Seconda ricevuta con un altro identificativo", func(s *Switches) *bool { return &s.OtherReceipt }},
	{"importo", "Importo sbagliato nella ricevuta", func(s *Switches) *bool { return &s.WrongAmount }},
	{"stazione", "Stazione dell'ente irraggiungibile", func(s *Switches) *bool { return &s.StationDown }},
}

// switchGroup is one column of the page: for all payments, or for the next.
type switchGroup struct {
	Legend string
	Rows   []switchRow
	Delay  field
}

type switchRow struct {
	ID, Label string
	On        bool
}

func newSwitchGroup(prefix, legend string, set Switches, wrong formErrors) switchGroup {
	seconds, id := int(time.Duration(set.ReceiptDelay)/time.Second), prefix+delaySuffix
	g := switchGroup{Legend: legend, Delay: field{ID: id, Label: "Ritardo della ricevuta, in secondi", Autocomplete: "off",
		Numeric: true, Value: strconv.Itoa(seconds), Error: wrong.For(id)}}
	for _, row := range switchRows {
		g.Rows = append(g.Rows, switchRow{prefix + "-" + row.name, row.label, *row.of(&set)})
	}
	return g
}

// The two groups of the page, by the beginning of their inputs' names.
const (
	forAll      = "sempre"
	forNext     = "prossimo"
	delaySuffix = "-ritardo"
)

func switchGroups(p Positions, wrong formErrors) []switchGroup {
	return []switchGroup{
		newSwitchGroup(forAll, "Per tutti i pagamenti", p.Always, wrong),
		newSwitchGroup(forNext, "Solo per il prossimo pagamento", p.Next, wrong),
	}
}

const switchesTitle = "Interruttori"

func (s *Simulator) switchesForm(w http.ResponseWriter, _ *http.Request) error {
	return s.show(w, http.StatusOK, page{Name: "interruttori", Title: switchesTitle, Content: switchGroups(s.switches.positions(), nil)})
}

func (s *Simulator) switchesSet(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	var wrong formErrors
	p := Positions{Always: readSwitches(r.PostForm, forAll, &wrong), Next: readSwitches(r.PostForm, forNext, &wrong)}
	if len(wrong) > 0 {
		return s.invalidForm(w, page{Name: "interruttori", Title: switchesTitle, Errors: wrong, Content: switchGroups(p, wrong)})
	}
	s.setSwitches(p)
	return redirect(w, r, "/interruttori")
}

// readSwitches reads one group of the form.
func readSwitches(form url.Values, prefix string, wrong *formErrors) Switches {
	var set Switches
	for _, row := range switchRows {
		*row.of(&set) = form.Get(prefix+"-"+row.name) != ""
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

// switchesJSON shows the positions, or puts others in their place: what a PUT
// leaves out is off.
func (s *Simulator) switchesJSON(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPut {
		var p Positions
		dec := json.NewDecoder(r.Body)
		dec.DisallowUnknownFields()
		if err := dec.Decode(&p); err != nil {
			refuseJSON(w, http.StatusBadRequest, "Invalid request", err.Error())
			return
		}
		s.setSwitches(p)
	}
	answerJSON(w, http.StatusOK, s.switches.positions())
}

func (s *Simulator) setSwitches(p Positions) {
	s.switches.put(p)
	s.config.Logger.Info("switches set", "always", p.Always, "next", p.Next)
}
