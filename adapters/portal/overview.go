package portal

import (
	"net/http"

	"github.com/google/uuid"
	"github.com/gorilla/mux"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
)

var overviewTrail = frame.Link{Name: "Elenco consumatori", URL: homePath}

// overviewPage is the Elenco Consumatori, and how many children wait for a click.
type overviewPage struct {
	Overview
	Declared int
}

func (s *site) overview(w http.ResponseWriter, r *http.Request, who frame.Visit) (err error) {
	var content overviewPage
	if content.Overview, err = s.Views.Overview(r.Context(), parentOf(who)); err != nil {
		return err
	}
	if content.Declared, err = s.declared(r, who); err != nil {
		return err
	}
	return s.Show(w, r, who, http.StatusOK, frame.Page{
		Name: "consumatori", Title: overviewTrail.Name, Trail: []frame.Link{overviewTrail}, Content: content,
	})
}

// movementsPath leads to the movements of a child.
func movementsPath(consumer domain.ConsumerID) string {
	return homePath + "/" + consumer.String() + "/movimenti"
}

// statement is one table of movements. Figure is the word of the balance that they
// make.
type statement struct {
	ID, Title, Empty, Figure string
	Movements                []Movement
}

// movementsPage is what made the figures of one consumer.
type movementsPage struct {
	Movements
	Accounts []statement
}

func (s *site) movements(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	id, err := uuid.Parse(mux.Vars(r)["consumer"])
	if err != nil {
		return ErrNotFound
	}
	m, err := s.Views.Movements(r.Context(), parentOf(who), domain.ConsumerID{UUID: id})
	if err != nil {
		return err
	}
	content := movementsPage{m, []statement{
		{"bollettini", "Bollettini", "Non ci sono bollettini.", "saldo-bollettini", m.Bulletins},
		{"ricariche", "Ricariche e pasti", "Non ci sono ricariche né pasti addebitati.", "saldo", m.Wallet},
	}}
	return s.Show(w, r, who, http.StatusOK, frame.Page{
		Name: "movimenti", Title: "Movimenti di " + m.Consumer, Trail: []frame.Link{overviewTrail, {Name: "Movimenti"}}, Content: content,
	})
}
