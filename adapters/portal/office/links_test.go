package office

import (
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/portal/portaltest"
	"github.com/saldo-ledger/saldo/domain"
)

var (
	requestPage1 = "/ufficio/abbinamenti/" + request.String()
	unlinkPage1  = childPage1 + "/adulti/" + tizio.String() + "/togli"
)

// form is the key, and what is typed.
func form(typed ...string) url.Values {
	f := url.Values{"chiave": {key}}
	for i := 0; i < len(typed); i += 2 {
		f.Set(typed[i], typed[i+1])
	}
	return f
}

// linkStates are the pages about links in each of their states.
var linkStates = map[string]func(d *desk) portaltest.Answer{
	"abbinamenti":   func(d *desk) portaltest.Answer { d.world.many = true; return d.Get("/ufficio/abbinamenti") },
	"abbinamenti-0": func(d *desk) portaltest.Answer { d.world.quiet = true; return d.Get("/ufficio/abbinamenti") },
	"risposte":      func(d *desk) portaltest.Answer { d.grant(); return d.Get("/ufficio/abbinamenti/risposte") },
	"risposte-0":    func(d *desk) portaltest.Answer { d.world.quiet = true; return d.Get("/ufficio/abbinamenti/risposte") },
	"richiesta":     func(d *desk) portaltest.Answer { d.world.many = true; return d.Get(requestPage1) },
	"richiesta-0":   func(d *desk) portaltest.Answer { return d.Get(requestPage1 + "?testo=nessuno") },
	"richiesta-testo": func(d *desk) portaltest.Answer {
		return d.Get(requestPage1 + "?testo=a")
	},
	"richiesta-scegli":    func(d *desk) portaltest.Answer { return d.Post(requestPage1+"/accogli", form()) },
	"richiesta-motivo":    func(d *desk) portaltest.Answer { return d.Post(requestPage1+"/rifiuta", form("motivo", "x")) },
	"richiesta-accolta":   func(d *desk) portaltest.Answer { d.grant(); return d.Get(requestPage1) },
	"richiesta-rifiutata": func(d *desk) portaltest.Answer { d.deny(); return d.Get(requestPage1) },
	"richiesta-tardi": func(d *desk) portaltest.Answer {
		d.deny()
		return d.Post(requestPage1+"/accogli", form("bambino", alunna.String()))
	},
	"togli":        func(d *desk) portaltest.Answer { return d.Get(unlinkPage1) },
	"togli-errore": func(d *desk) portaltest.Answer { return d.Post(unlinkPage1, form("motivo", "x")) },
	"bambino-cf":   func(d *desk) portaltest.Answer { return d.Post(childPage1+"/adulti", form("cf", "SMPTZI80A01F205X")) },
	"bambino-codice": func(d *desk) portaltest.Answer {
		d.Post(childPage1+"/codice", form())
		d.Post(childPage1+"/adulti", form("cf", "SMPTZI80A01F205Q"))
		return d.Get(childPage1)
	},
	"bambino-solo": func(d *desk) portaltest.Answer { d.world.apart = true; return d.Get(childPage1) },
	"lettera":      func(d *desk) portaltest.Answer { return d.Post(childPage1+"/codice", form()) },
}

func (d *desk) grant() { d.Post(requestPage1+"/accogli", form("bambino", alunna.String())) }

func (d *desk) deny() { d.Post(requestPage1+"/rifiuta", form("motivo", "Non risulta tra i genitori")) }

func TestARequestIsAnsweredWithWhatIsKnownOfBoth(t *testing.T) {
	d := sit(t, domain.RoleOffice)
	d.Get("/ufficio").Is(http.StatusOK, "1 Richieste di abbinamento", "3 Richieste dei genitori").Has(`<a href="/ufficio/richieste">Richieste dei genitori</a>`)
	d.Get("/ufficio/abbinamenti").Is(http.StatusOK, "ALUNNA PROVA", "EL. RODARI", "Tizio Sempronio").Has(`href="` + requestPage1 + `"`)
	d.Get(requestPage1).Is(http.StatusOK, "PRVLNN15A41F205X", "Sono il padre", "SMPTZI80A01F205Q", "331 3313313",
		"Stesso codice fiscale", "Codice fiscale diverso", "non registrato", "Chi chiede è stato indicato", "già abbinato", "2 adulti abbinati").
		Has(`value="ALUNNA PROVA"`)
	d.Post(requestPage1+"/accogli?testo=alunna", form()).Is(http.StatusUnprocessableEntity, "Scegli il bambino").Has(`value="alunna"`)
	d.Post(requestPage1+"/accogli", form("bambino", namesake.String())).Is(http.StatusUnprocessableEntity, "Scegli un bambino iscritto").
		Has(`value="` + namesake.String() + `" checked`)
	for range 2 { // sent twice
		d.Post(requestPage1+"/accogli", form("bambino", alunna.String())).LeadsTo("/ufficio/abbinamenti")
	}
	d.Get("/ufficio/abbinamenti").Is(http.StatusOK, "Richiesta accolta", "Nessuna richiesta aspetta")
	d.Get("/ufficio/abbinamenti/risposte").Is(http.StatusOK, "ALUNNA PROVA", "Accolta")
	d.Get(requestPage1).Is(http.StatusOK, "Accolta").Lacks("Non accogliere").Has(`href="/ufficio/bambini/` + alunna.String() + `"`)
	d.did("ApproveLink utente.ufficio " + request.String() + " " + alunna.String())
}

func TestARequestIsRefusedWithAReason(t *testing.T) {
	d := sit(t, domain.RoleOffice)
	d.Post(requestPage1+"/rifiuta", form("motivo", "no")).Is(http.StatusUnprocessableEntity, "3-140 caratteri").Has(`value="no"`, `aria-invalid="true"`)
	d.Post(requestPage1+"/rifiuta", form("motivo", " Non risulta  tra i genitori ")).LeadsTo("/ufficio/abbinamenti")
	d.Get(requestPage1).Is(http.StatusOK, "Non accolta", "Non risulta tra i genitori").Lacks("Accogli e abbina")
	d.Post(requestPage1+"/accogli", form("bambino", alunna.String())).Is(http.StatusUnprocessableEntity, "già stata data un'altra risposta").Has(`href="#esito"`)
	d.did("RefuseLink utente.ufficio " + request.String() + " Non risulta tra i genitori")
}

func TestAnAdultIsUnlinkedWithAReason(t *testing.T) {
	d := sit(t, domain.RoleOffice)
	d.Get(childPage1).Is(http.StatusOK, "Abbinato su richiesta accolta").Has(`href="` + unlinkPage1 + `"`)
	d.Get(unlinkPage1).Is(http.StatusOK, "-57,33", "restano suoi da pagare")
	d.Post(unlinkPage1, form("motivo", "no")).Is(http.StatusUnprocessableEntity, "3-140 caratteri").Has(`value="no"`)
	for range 2 {
		d.Post(unlinkPage1, form("motivo", "Affido ad altri")).LeadsTo(childPage1)
	}
	d.Get(childPage1).Is(http.StatusOK, "Abbinamento tolto", "Nessun adulto è abbinato")
	d.Get(unlinkPage1).Is(http.StatusNotFound)
	d.Post(childPage1+"/adulti/"+utente.String()+"/togli", form("motivo", "Affido ad altri")).Is(http.StatusNotFound)
	d.did("Unlink utente.ufficio " + utente.String() + " " + tizio.String() + " Affido ad altri")
}

func TestAnAdultIsNamedForAChildAndNoMore(t *testing.T) {
	d := sit(t, domain.RoleOffice)
	d.Get(childPage1).Is(http.StatusOK, "Nessun adulto è indicato").Lacks("Togli l'indicazione")
	d.Post(childPage1+"/adulti", form("cf", "SMPTZI80A01F205X")).Is(http.StatusUnprocessableEntity, "codice fiscale corretto").Has(`value="SMPTZI80A01F205X"`)
	d.Post(childPage1+"/adulti", form("cf", "smptzi80a01f205q", "azione", "indica")).LeadsTo(childPage1)
	d.Get(childPage1).Is(http.StatusOK, "1 adulto è indicato", "Adulto indicato")
	d.Post(childPage1+"/adulti", form("cf", "MVECAI85M41H501V", "azione", "togli")).Is(http.StatusUnprocessableEntity, "non è tra quelli indicati")
	d.Post(childPage1+"/adulti", form("cf", "SMPTZI80A01F205Q", "azione", "togli")).LeadsTo(childPage1)
	d.did("DeclareAdult utente.ufficio "+utente.String()+" SMPTZI80A01F205Q", "WithdrawAdult utente.ufficio "+utente.String()+" SMPTZI80A01F205Q")
}

func TestACodeIsGivenInALetterAndRevoked(t *testing.T) {
	d := sit(t, domain.RoleOffice)
	d.Get(childPage1).Is(http.StatusOK, "Nessun codice è aperto", "Dai un codice").Lacks("Revoca il codice")
	d.Post(childPage1+"/codice", form()).Is(http.StatusOK, "CDFG-HJKM-NPQR", "Alla famiglia di UTENTE TEST", "https://scuola.comune.example",
		"fino al 27/02/2027", portaltest.Body.Name, portaltest.Body.Office.Phone)
	d.Get(childPage1).Is(http.StatusOK, "vale fino al 27/02/2027", "Dai un altro codice").Lacks("CDFG")
	d.Post(childPage1+"/codice/revoca", form()).LeadsTo(childPage1)
	d.Get(childPage1).Is(http.StatusOK, "Nessun codice è aperto")
	d.world.refusal = domain.ErrNoActivation
	d.Post(childPage1+"/codice", form()).Is(http.StatusConflict, "Questo codice non vale più").Lacks("CDFG")
}

// did checks which commands were carried out.
func (d *desk) did(want ...string) {
	d.T.Helper()
	if !slices.Equal(d.world.sent, want) {
		d.T.Errorf("did %q, want %q", d.world.sent, want)
	}
}
