package portal

import (
	"errors"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
)

// payForm is the Paga page's form as a browser sends it, with these bulletins
// ticked.
func (b *browser) payForm(action string, notices ...domain.NoticeNumber) url.Values {
	b.t.Helper()
	form := b.get("/paga?categoria=" + refezione).form()
	form.Set("azione", action)
	for _, n := range notices {
		form.Add("bollettino", tick{n, b.world.find(n).Amount}.String())
	}
	return form
}

// cart ticks bulletins, goes on to Riepilogo and returns the payment's id.
func (b *browser) cart(notices ...domain.NoticeNumber) string {
	b.t.Helper()
	to, err := url.Parse(b.post("/paga/riepilogo", b.payForm("online", notices...)).header.Get("Location"))
	if err != nil || to.Query().Get("pagamento") == "" {
		b.t.Fatalf("choosing led to %s: %v", to, err)
	}
	return to.Query().Get("pagamento")
}

// checkout goes on from Riepilogo to the checkout and returns the payment's id.
func (b *browser) checkout(notices ...domain.NoticeNumber) string {
	b.t.Helper()
	id := b.cart(notices...)
	b.post("/paga/avvio", b.get("/paga/riepilogo?pagamento="+id).form()).leadsTo(checkoutOrigin + "/carts/7")
	return id
}

// family gives the parent six open bulletins in all, one of which is overdue and
// one being paid.
func (b *browser) family() []domain.NoticeNumber {
	notices := []domain.NoticeNumber{postScuola}
	for base := range uint64(5) {
		notices = append(notices, b.world.raise(50+base, tizio, 1000))
	}
	b.world.find(notices[1]).Due = "2020-02-01"
	return notices
}

// states are the pages of the portal in each of their states.
var states = map[string]func(b *browser) answer{
	"accesso":         func(b *browser) answer { return fresh(b).get("/accesso") },
	"accesso-errore":  func(b *browser) answer { return fresh(b).post("/accesso", url.Values{"username": {username}}) },
	"accesso-scaduta": func(b *browser) answer { return fresh(b).get("/accesso?scaduta=1&torna=/paga") },
	"accesso-uscito":  func(b *browser) answer { return fresh(b).get("/accesso?uscito=1") },
	"accesso-aiuto":   func(b *browser) answer { return fresh(b).get("/accesso/aiuto") },
	"esci":            func(b *browser) answer { return b.get("/esci") },
	"consumatori":     func(b *browser) answer { return b.get("/consumatori") },
	"consumatori-due": func(b *browser) answer { return b.twoChildren().get("/consumatori") },
	"abbinamento":     func(b *browser) answer { b.world.consumers = nil; return b.get("/consumatori") },
	"movimenti":       func(b *browser) answer { return b.get("/consumatori/" + utenteTest.String() + "/movimenti") },
	"paga":            func(b *browser) answer { return b.get("/paga") },
	"paga-categoria":  func(b *browser) answer { return b.get("/paga?categoria=" + refezione) },
	"paga-vuota":      func(b *browser) answer { return b.get("/paga?categoria=TRASPORTO") },
	"paga-totali":     func(b *browser) answer { return b.post("/paga/totali", b.payForm("", postScuola)) },
	"paga-troppi":     func(b *browser) answer { return b.post("/paga/totali", b.payForm("", b.family()...)) },
	"paga-errore":     func(b *browser) answer { return b.post("/paga/riepilogo", b.payForm("online")) },
	"paga-in-corso":   inPayment,
	"paga-verifica":   func(b *browser) answer { return b.verifyPaid(postScuola).get("/paga?categoria=" + refezione) },
	"paga-conferma": func(b *browser) answer {
		return b.verifyPaid(postScuola).post("/paga/riepilogo", b.payForm("online", postScuola))
	},
	"saldo-verifica":   func(b *browser) answer { return b.verifyPaid(postScuola).get("/consumatori") },
	"riepilogo":        func(b *browser) answer { return b.get("/paga/riepilogo?pagamento=" + b.cart(postScuola)) },
	"riepilogo-aperto": func(b *browser) answer { return b.get("/paga/riepilogo?pagamento=" + b.checkout(postScuola)) },
	"riepilogo-errore": checkoutDown,
	"esito-verifica":   func(b *browser) answer { return b.get("/paga/esito/" + b.checkout(postScuola)) },
	"esito-tardi":      late,
	"esito-annullato":  func(b *browser) answer { return b.outcome("annullato") },
	"esito-errore":     func(b *browser) answer { return b.outcome("errore") },
	"esito-pagato":     paid,
	"avviso":           func(b *browser) answer { return b.get("/paga/avvisi/" + string(postScuola)) },
	"avviso-errore":    func(b *browser) answer { return b.email("non un indirizzo") },
	"avviso-inviato":   func(b *browser) answer { b.email("t@live.it"); return b.get("/paga/avvisi/" + string(postScuola)) },
	"avviso-pagato":    func(b *browser) answer { b.world.pay(postScuola); return b.get("/paga/avvisi/" + string(postScuola)) },
	"avvisi": func(b *browser) answer {
		return b.get(b.post("/paga/riepilogo", b.payForm("psp", b.family()...)).header.Get("Location"))
	},
	"password":             func(b *browser) answer { return b.get("/profilo/password") },
	"password-errore":      func(b *browser) answer { return b.post("/profilo/password", url.Values{"nuova": {"a"}}) },
	"registrazione":        func(b *browser) answer { return fresh(b).get("/registrazione") },
	"registrazione-errore": func(b *browser) answer { return fresh(b).post("/registrazione", fresh(b).get("/registrazione").form()) },
	"registrazione-dubbio": func(b *browser) answer { return fresh(b).post("/registrazione", fresh(b).newcomer("nome", "Luigi")) },
	"registrazione-libero": func(b *browser) answer { return fresh(b).post("/registrazione/verifica", fresh(b).newcomer()) },
	"registrazione-fatta":  func(b *browser) answer { return fresh(b).get("/registrazione/fatta") },
	"recupero":             func(b *browser) answer { return fresh(b).get("/recupero") },
	"recupero-errore":      func(b *browser) answer { return fresh(b).post("/recupero", url.Values{}) },
	"recupero-domanda": func(b *browser) answer {
		return fresh(b).post("/recupero", url.Values{"per": {"username"}, "valore": {username}})
	},
	"recupero-inviata":       func(b *browser) answer { return fresh(b).get("/recupero/inviata") },
	"nuova-password":         func(b *browser) answer { return fresh(b).get("/recupero/password?codice=" + oneTimeCode) },
	"nuova-password-errore":  func(b *browser) answer { return fresh(b).post("/recupero/password", url.Values{}) },
	"profilo":                func(b *browser) answer { return b.get("/profilo") },
	"profilo-errore":         func(b *browser) answer { return b.post("/profilo", b.get("/profilo").form()) },
	"profilo-non-confermato": func(b *browser) answer { b.world.registry.confirmed = false; return b.get("/profilo") },
	"conferma-email":         func(b *browser) answer { return fresh(b).get("/conferma-email?codice=" + oneTimeCode) },
	"conferma-email-scaduta": func(b *browser) answer { return fresh(b).get("/conferma-email?codice=vecchio") },

	"domande":      func(b *browser) answer { return b.get("/domande-frequenti") },
	"preferiti":    func(b *browser) answer { return b.get("/preferiti") },
	"privacy":      func(b *browser) answer { return fresh(b).get("/privacy") },
	"note-legali":  func(b *browser) answer { return fresh(b).get("/note-legali") },
	"stato":        func(b *browser) answer { return fresh(b).get("/stato") },
	"stato-guasto": func(b *browser) answer { b.world.fail["Await"] = errors.New("closed"); return fresh(b).get("/stato") },
	"non-trovata":  func(b *browser) answer { return b.get("/dove") },
	"guasto":       func(b *browser) answer { b.world.fail["Overview"] = errors.New("disk"); return b.get("/consumatori") },
}

// fresh is the same world, with nobody in.
func fresh(b *browser) *browser {
	c := *b
	client := *b.client
	client.Jar = nil
	c.client = &client
	return &c
}

func (b *browser) twoChildren() *browser {
	other := b.world.consumers[0]
	other.ID = domain.ConsumerID{UUID: uuid.MustParse("33333333-3333-4333-8333-333333333333")}
	other.Name, other.School, other.Diet = "SECONDO TEST", "PRIM. MANZONI", "SENZA GLUTINE"
	other.LastTopUp, other.LastBulletin, other.Services, other.Saldo = &DatedAmount{Amount: 123450, On: "2020-01-07"}, nil, nil, 120000
	b.world.consumers = append(slices.Clone(b.world.consumers), other)
	return b
}

func inPayment(b *browser) answer {
	notices := b.family()
	id := uuid.MustParse(b.cart(postScuola))
	b.world.find(notices[2]).Pending = &Pending{Since: b.world.now.Add(-time.Minute), Payment: domain.PaymentID{UUID: id}}
	b.world.find(notices[3]).Pending = &Pending{Since: b.world.now.Add(-time.Minute)}
	return b.get("/paga?categoria=" + refezione)
}

func checkoutDown(b *browser) answer {
	b.world.fail["StartCheckout"] = ErrCheckoutUnavailable
	return b.post("/paga/avvio", b.get("/paga/riepilogo?pagamento="+b.cart(postScuola)).form())
}

func (b *browser) outcome(how string) answer {
	id := b.checkout(postScuola)
	return b.get(b.get("/paga/ritorno/" + id + "/" + how).header.Get("Location"))
}

func late(b *browser) answer {
	id := b.checkout(postScuola)
	for range 4 { // busy on other pages meanwhile
		b.world.now = b.world.now.Add(10 * time.Minute)
		b.get("/consumatori")
	}
	return b.get("/paga/esito/" + id)
}

func paid(b *browser) answer {
	id := b.checkout(postScuola)
	b.world.pay(postScuola)
	return b.get("/paga/esito/" + id)
}

func (b *browser) email(address string) answer {
	path := "/paga/avvisi/" + string(postScuola)
	form := b.get(path).form()
	form.Set("email", address)
	return b.post(path+"/email", form)
}

// eachState runs check on every state, each over a fresh world.
func eachState(t *testing.T, check func(t *testing.T, b *browser, a answer)) {
	for name, state := range states {
		t.Run(name, func(t *testing.T) {
			b := enter(t)
			check(t, b, state(b))
		})
	}
}
