package revision

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
)

// report answers with what a verification found as a file, text or JSON. It says nothing
// but what the log, the seal and the head give, so that it is the same whenever and
// wherever the same is verified.
func (s *site) report(w http.ResponseWriter, r *http.Request, _ frame.Visit) error {
	v, job, err := s.verdictOf(r)
	if err != nil {
		return err
	}
	if v == nil || job != nil {
		return frame.ErrNotFound
	}
	kind, form := mux.Vars(r)["forma"], "text/plain; charset=utf-8"
	content := []byte(v.text(s.Body.Name))
	if kind == "json" {
		form = "application/json"
		if content, err = json.MarshalIndent(v.report(), "", "  "); err != nil {
			return err
		}
		content = append(content, '\n')
	}
	frame.Download(w, form, "verifica-"+v.ID+"."+kind, content)
	return nil
}

// verdictReport is a verification for programs.
type verdictReport struct {
	Sound bool `json:"sound"`
	audit.Verified
	Break   *breakReport `json:"break,omitempty"`
	Head    string       `json:"head,omitempty"`        // as it was given
	Foreign string       `json:"foreignHead,omitempty"` // why it proves nothing
}

type breakReport struct {
	Position eventstore.Position `json:"position"`
	Stream   eventstore.Stream   `json:"stream,omitempty"`
	Revision eventstore.Revision `json:"revision,omitempty"`
	Cause    string              `json:"cause"`
	Expected string              `json:"expected,omitempty"`
	Found    string              `json:"found,omitempty"`
}

func (v *verdict) report() verdictReport {
	out := verdictReport{Sound: v.Good(), Verified: v.Sound}
	if v.Head != nil {
		out.Head = string(v.Head.Note)
	}
	if v.Foreign != nil {
		out.Foreign = v.Foreign.Error()
	}
	if b := v.Break; b != nil {
		out.Break = &breakReport{Position: b.Position, Stream: b.Stream, Revision: b.Revision, Cause: b.Cause.Error()}
		if v.Hashes != nil {
			out.Break.Expected, out.Break.Found = v.Hashes.Expected, v.Hashes.Found
		}
	}
	return out
}

// text is a verification to be read and kept.
func (v *verdict) text(body string) string {
	var b strings.Builder
	line := func(form string, values ...any) { fmt.Fprintf(&b, form+"\n", values...) }
	line("Verifica del registro - %s\n", body)
	switch {
	case v.Foreign != nil:
		line("La testa indicata non dice niente di questo registro: %v", v.Foreign.Cause)
	case v.Break != nil:
		line("CATENA INTERROTTA")
		line("posizione  %d", v.Break.Position)
		line("flusso     %s", v.Break.Stream)
		line("evento     %d", v.Break.Revision)
		if v.Hashes != nil {
			line("attesa     %s", v.Hashes.Expected)
			line("trovata    %s", v.Hashes.Found)
		}
		line("causa      %v", v.Break.Cause)
		line("\nPrima della rottura:")
	default:
		line("Catena integra: %s eventi", big(v.Sound.Events))
	}
	if v.Foreign == nil {
		line("eventi     %d, in %d flussi, fino alla posizione %d", v.Sound.Events, v.Sound.Streams, v.Sound.End)
		line("dare       %s", frame.Euro(v.Sound.Debits))
		line("avere      %s", frame.Euro(v.Sound.Credits))
	}
	if sealed := v.Sound.Sealed; sealed != nil {
		line("registro   %s", sealed.Origin)
		line("firme      %d, su %d eventi; l'ultima del %s", sealed.Checkpoints, sealed.Events, sealed.Last.UTC().Format(time.RFC3339))
	}
	if v.Sound.Closings > 0 {
		line("chiusure   %d, come il registro le dà", v.Sound.Closings)
	}
	if v.Head != nil {
		if v.Good() {
			line("\nIl registro continua la testa tenuta altrove:")
		} else {
			line("\nLa testa tenuta altrove:")
		}
		b.Write(v.Head.Note)
	}
	line("\nLo stesso si verifica da soli con: ledgerctl audit verify")
	return b.String()
}
