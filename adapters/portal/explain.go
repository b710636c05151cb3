package portal

import (
	"net/http"
	"strconv"

	"github.com/gorilla/mux"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/projections"
)

// facts says what happened in a parent's words.
var facts = map[projections.Fact]string{
	projections.FactIssued:     "Bollettino emesso",
	projections.FactPaid:       "Pagamento ricevuto",
	projections.FactApplied:    "Pagamento assegnato al bollettino dall'ufficio",
	projections.FactCancelled:  "Bollettino annullato",
	projections.FactToppedUp:   "Ricarica",
	projections.FactCharged:    "Servizio addebitato",
	projections.FactSelected:   "Scelto da te, non ancora pagato",
	projections.FactDuplicated: "Secondo pagamento dello stesso avviso",
	projections.FactHeld:       "Pagamento arrivato, da esaminare",
	projections.FactMoved:      "Pagamento spostato su un altro avviso",
	projections.FactRefundDue:  "Rimborso deciso dall'ufficio",
	projections.FactDisowned:   "Pagamento non destinato a questo ente",
	projections.FactRefunded:   "Rimborso eseguito",
	projections.FactNoted:      "Saldo mostrato quando hai scelto i bollettini",
	projections.FactRevoked:    "Pagamento stornato: il bollettino è di nuovo da pagare",
}

// explainPage is Spiega questo importo.
type explainPage struct {
	projections.Explanation
	Title string
	Back  frame.Link
}

func (s *site) explain(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	word := mux.Vars(r)["figure"]
	f, err := readFigure(word, r.URL.Query())
	if err != nil {
		return err
	}
	e, err := s.Views.Explain(r.Context(), parentOf(who), f)
	if err != nil {
		return err
	}
	content := explainPage{e, figureWords[word].title + e.About, figureWords[word].back}
	if f.Year != 0 {
		content.Title = figureWords[word].title + strconv.Itoa(f.Year)
		if e.About != "" {
			content.Title += ", " + e.About
		}
	}
	if f.Kind == projections.ConsumerDebt || f.Kind == projections.WalletBalance || f.Kind == projections.EntryAmount {
		content.Back = frame.Link{Name: "Movimenti", URL: movementsPath(f.Consumer)}
	}
	return s.Show(w, r, who, http.StatusOK, frame.Page{
		Name: "spiega", Title: "Spiega questo importo", Trail: []frame.Link{content.Back, {Name: "Spiega questo importo"}}, Content: content,
	})
}
