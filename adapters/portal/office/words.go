package office

import (
	"strings"

	"github.com/saldo-ledger/saldo/domain"
)

// rules say the ledger's refusals as the office should hear them.
var rules = map[*domain.Refusal]string{
	domain.ErrUnknownParent:   "L'adulto non esiste o non esiste più",
	domain.ErrParentErased:    "I dati dell'adulto sono stati cancellati: a suo nome non si può fare più nulla",
	domain.ErrUnknownCategory: "Scegli una categoria dell'ente",
	domain.ErrUnknownService:  "Scegli un servizio dell'ente",
	domain.ErrUnknownBulletin: "Il bollettino non esiste",
	domain.ErrAlreadyPaid:     "Il bollettino è già stato pagato",
	domain.ErrCancelled:       "Il bollettino è stato annullato",
	domain.ErrBadCausale:      "Scrivi una causale di 1-140 caratteri",
	domain.ErrBadPeriod:       "Il periodo comincia prima di finire: controlla le due date",
	domain.ErrBadDue:          "Scrivi la scadenza come data",
	domain.ErrNoAmount:        "Scrivi un importo maggiore di zero",
	domain.ErrUnknownConsumer: "Scegli un bambino iscritto ai servizi dell'ente",
	domain.ErrLinkDecided:     "Alla richiesta è già stata data un'altra risposta",
	domain.ErrNotDeclared:     "Questo codice fiscale non è tra quelli indicati per il bambino",
	domain.ErrNoActivation:    "Questo codice non vale più. Torna alla pagina del bambino e dagliene un altro",
}

// roleNames says roles as the pages do.
func roleNames(roles []domain.Role) string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = roleName(r)
	}
	return strings.Join(names, ", ")
}

func roleName(r domain.Role) string {
	name, ok := map[domain.Role]string{
		domain.RoleOffice: "Ufficio scuola", domain.RoleReconciler: "Riconciliazione", domain.RoleAuditor: "Revisore",
		domain.RoleAdministrator: "Amministratore", domain.RoleParent: "Genitore",
	}[r]
	if !ok {
		return string(r)
	}
	return name
}

// groundName says why an adult sees a child.
func groundName(g domain.LinkGround) string {
	switch g {
	case domain.LinkedByIdentity:
		return "con SPID o CIE"
	case domain.LinkedByCode:
		return "con il codice di attivazione"
	case domain.LinkedByRequest:
		return "su richiesta accolta"
	}
	return "dall'ufficio"
}

// statusWord is where a bulletin stands, and the colour of its badge.
type statusWord struct{ Name, Badge string }

func statusOf(s domain.BulletinStatus) statusWord {
	switch s {
	case domain.BulletinIssuedOnly:
		return statusWord{"Da inviare", "bg-warning"}
	case domain.BulletinSentOut:
		return statusWord{"Inviato", "bg-primary"}
	case domain.BulletinPaid:
		return statusWord{"Pagato", "bg-success"}
	case domain.BulletinVoid:
		return statusWord{"Annullato", "bg-secondary"}
	}
	return statusWord{"Sconosciuto", "bg-secondary"}
}
