package portal

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/portaltest"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/projections"
)

// payForm is the Paga page's form as a browser sends it, with these bulletins
// ticked.
func (b *browser) payForm(action string, notices ...domain.NoticeNumber) url.Values {
	b.T.Helper()
	form := b.Get("/paga?categoria=" + refezione).Form()
	form.Set("azione", action)
	for _, n := range notices {
		form.Add("bollettino", tick{n, b.world.find(n).Amount}.String())
	}
	return form
}

// cart ticks bulletins, goes on to Riepilogo and returns the payment's id.
func (b *browser) cart(notices ...domain.NoticeNumber) string {
	b.T.Helper()
	to, err := url.Parse(b.Post("/paga/riepilogo", b.payForm("online", notices...)).Header.Get("Location"))
	if err != nil || to.Query().Get("pagamento") == "" {
		b.T.Fatalf("choosing led to %s: %v", to, err)
	}
	return to.Query().Get("pagamento")
}

// checkout goes on from Riepilogo to the checkout and returns the payment's id.
func (b *browser) checkout(notices ...domain.NoticeNumber) string {
	b.T.Helper()
	id := b.cart(notices...)
	b.Post("/paga/avvio", b.Get("/paga/riepilogo?pagamento="+id).Form()).LeadsTo(checkoutOrigin + "/carts/7")
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
var states = map[string]func(b *browser) portaltest.Answer{
	"accesso": func(b *browser) portaltest.Answer { return fresh(b).Get("/accesso") },
	"accesso-errore": func(b *browser) portaltest.Answer {
		return fresh(b).Post("/accesso", url.Values{"username": {username}})
	},
	"accesso-scaduta": func(b *browser) portaltest.Answer { return fresh(b).Get("/accesso?scaduta=1&torna=/paga") },
	"accesso-uscito":  func(b *browser) portaltest.Answer { return fresh(b).Get("/accesso?uscito=1") },
	"accesso-aiuto":   func(b *browser) portaltest.Answer { return fresh(b).Get("/accesso/aiuto") },
	"esci":            func(b *browser) portaltest.Answer { return b.Get("/esci") },
	"richieste":       func(b *browser) portaltest.Answer { return b.Get("/richieste") },
	"richieste-errore": func(b *browser) portaltest.Answer {
		return b.Post("/richieste", url.Values{"chiave": {uuid.NewString()}, "oggetto": {"a"}, "testo": {"breve"}, "avviso": {string(notice(900))}})
	},
	"richiesta": func(b *browser) portaltest.Answer { return b.Get("/richieste/" + richiesta.String()) },
	"richiesta-errore": func(b *browser) portaltest.Answer {
		return b.Post("/richieste/"+richiesta.String(), url.Values{"chiave": {uuid.NewString()}})
	},
	"richiesta-chiusa": func(b *browser) portaltest.Answer {
		b.world.desk.status = domain.InquiryDone
		return b.Get("/richieste/" + richiesta.String())
	},
	"novita":          func(b *browser) portaltest.Answer { return b.Get("/novita") },
	"notizia":         func(b *browser) portaltest.Answer { return b.Get("/novita/" + notizia.String()) },
	"novita-vuota":    func(b *browser) portaltest.Answer { b.world.desk.news = nil; return b.Get("/novita") },
	"consumatori":     func(b *browser) portaltest.Answer { return b.Get("/consumatori") },
	"consumatori-due": func(b *browser) portaltest.Answer { return b.twoChildren().Get("/consumatori") },
	"in-attesa":       func(b *browser) portaltest.Answer { b.world.consumers = nil; return b.Get("/consumatori") },
	"abbinamento":     func(b *browser) portaltest.Answer { return b.Get("/consumatori/abbinamento") },
	"abbinamento-errore": func(b *browser) portaltest.Answer {
		return b.Post("/consumatori/abbinamento", url.Values{"codice": {"XXXX-XXXX-XXXX"}})
	},
	"abbinamento-risposte": func(b *browser) portaltest.Answer {
		b.world.office.asked = []LinkRequest{
			{Child: "Nina Prova", School: "EL. RODARI", State: domain.LinkAsked, AskedAt: b.world.now},
			{Child: "Pina Prova", School: "EL. RODARI", State: domain.LinkGranted, AskedAt: b.world.now, Decided: b.world.now},
			{Child: "Pino Prova", School: "EL. RODARI", State: domain.LinkDenied, AskedAt: b.world.now, Decided: b.world.now, Reason: "Non risulta iscritto alla scuola indicata"},
		}
		return b.Get("/consumatori/abbinamento")
	},
	"abbinamento-identita": func(b *browser) portaltest.Answer {
		b.world.byProvider, b.world.office.declared = true, 2
		return b.Get("/consumatori/abbinamento")
	},
	"consumatori-da-abbinare": func(b *browser) portaltest.Answer {
		b.world.byProvider, b.world.office.declared = true, 1
		return b.Get("/consumatori")
	},
	"abbinamento-richiesta": func(b *browser) portaltest.Answer { return b.Get("/consumatori/abbinamento/richiesta") },
	"abbinamento-richiesta-errore": func(b *browser) portaltest.Answer {
		return b.Post("/consumatori/abbinamento/richiesta", b.request("nome", "", "cf", "X"))
	},
	"movimenti":      func(b *browser) portaltest.Answer { return b.Get("/consumatori/" + utenteTest.String() + "/movimenti") },
	"paga":           func(b *browser) portaltest.Answer { return b.Get("/paga") },
	"paga-categoria": func(b *browser) portaltest.Answer { return b.Get("/paga?categoria=" + refezione) },
	"paga-vuota":     func(b *browser) portaltest.Answer { return b.Get("/paga?categoria=TRASPORTO") },
	"paga-totali":    func(b *browser) portaltest.Answer { return b.Post("/paga/totali", b.payForm("", postScuola)) },
	"paga-troppi":    func(b *browser) portaltest.Answer { return b.Post("/paga/totali", b.payForm("", b.family()...)) },
	"paga-errore":    func(b *browser) portaltest.Answer { return b.Post("/paga/riepilogo", b.payForm("online")) },
	"paga-in-corso":  inPayment,
	"paga-verifica": func(b *browser) portaltest.Answer {
		return b.verifyPaid(postScuola).Get("/paga?categoria=" + refezione)
	},
	"paga-conferma": func(b *browser) portaltest.Answer {
		return b.verifyPaid(postScuola).Post("/paga/riepilogo", b.payForm("online", postScuola))
	},
	"saldo-verifica": func(b *browser) portaltest.Answer { return b.verifyPaid(postScuola).Get("/consumatori") },
	"riepilogo":      func(b *browser) portaltest.Answer { return b.Get("/paga/riepilogo?pagamento=" + b.cart(postScuola)) },
	"riepilogo-aperto": func(b *browser) portaltest.Answer {
		return b.Get("/paga/riepilogo?pagamento=" + b.checkout(postScuola))
	},
	"riepilogo-errore": checkoutDown,
	"esito-verifica":   func(b *browser) portaltest.Answer { return b.Get("/paga/esito/" + b.checkout(postScuola)) },
	"esito-tardi":      late,
	"esito-annullato":  func(b *browser) portaltest.Answer { return b.outcome("annullato") },
	"esito-errore":     func(b *browser) portaltest.Answer { return b.outcome("errore") },
	"esito-pagato":     paid,
	"avviso":           func(b *browser) portaltest.Answer { return b.Get("/paga/avvisi/" + string(postScuola)) },
	"avviso-errore":    func(b *browser) portaltest.Answer { return b.email("non un indirizzo") },
	"avviso-inviato": func(b *browser) portaltest.Answer {
		b.email("t@live.it")
		return b.Get("/paga/avvisi/" + string(postScuola))
	},
	"avviso-pagato": func(b *browser) portaltest.Answer {
		b.world.pay(postScuola)
		return b.Get("/paga/avvisi/" + string(postScuola))
	},
	"avvisi": func(b *browser) portaltest.Answer {
		return b.Get(b.Post("/paga/riepilogo", b.payForm("psp", b.family()...)).Header.Get("Location"))
	},
	"paga-rate": func(b *browser) portaltest.Answer {
		b.world.inThree()
		return b.Get("/paga?categoria=" + refezione)
	},
	"paga-rate-e-intero": func(b *browser) portaltest.Answer {
		whole, rate := b.world.inThree()
		return b.Post("/paga/riepilogo", b.payForm("online", whole, rate[0]))
	},
	"riepilogo-rata": func(b *browser) portaltest.Answer {
		_, rate := b.world.inThree()
		return b.Get("/paga/riepilogo?pagamento=" + b.cart(rate[0]))
	},
	"avviso-rata": func(b *browser) portaltest.Answer {
		_, rate := b.world.inThree()
		return b.Get("/paga/avvisi/" + string(rate[0]))
	},
	"avviso-intero": func(b *browser) portaltest.Answer {
		whole, _ := b.world.inThree()
		return b.Get("/paga/avvisi/" + string(whole))
	},
	"spiega": func(b *browser) portaltest.Answer {
		return b.Get("/spiega/saldo-bollettini?posizione=41&consumatore=" + utenteTest.String())
	},
	"spiega-nulla": func(b *browser) portaltest.Answer {
		b.world.bulletins = nil
		return b.Get("/spiega/saldo-famiglia?posizione=41")
	},
	"documenti":        func(b *browser) portaltest.Answer { return b.Get("/documenti") },
	"documenti-vuoti":  func(b *browser) portaltest.Answer { b.world.bulletins = nil; return b.Get("/documenti") },
	"pagamenti":        func(b *browser) portaltest.Answer { return b.paidMuch().Get("/documenti/pagamenti?pagina=2") },
	"pagamenti-vuoti":  func(b *browser) portaltest.Answer { return b.Get("/documenti/pagamenti?anno=2011-2012") },
	"pagamento":        func(b *browser) portaltest.Answer { return b.payment(projections.PaidClosed) },
	"pagamento-doppio": func(b *browser) portaltest.Answer { return b.payment(projections.PaidCredit) },
	"pagamento-esame":  func(b *browser) portaltest.Answer { return b.payment(projections.PaidHeld) },
	"spese": func(b *browser) portaltest.Answer {
		b.world.cash = 1000
		return b.Get("/documenti/spese/2020")
	},
	"spese-vuote":     func(b *browser) portaltest.Answer { return b.Get("/documenti/spese/2015") },
	"password":        func(b *browser) portaltest.Answer { return b.Get("/profilo/password") },
	"password-errore": func(b *browser) portaltest.Answer { return b.Post("/profilo/password", url.Values{"nuova": {"a"}}) },
	"registrazione":   func(b *browser) portaltest.Answer { return fresh(b).Get("/registrazione") },
	"registrazione-errore": func(b *browser) portaltest.Answer {
		return fresh(b).Post("/registrazione", fresh(b).Get("/registrazione").Form())
	},
	"registrazione-dubbio": func(b *browser) portaltest.Answer {
		return fresh(b).Post("/registrazione", fresh(b).newcomer("nome", "Luigi"))
	},
	"registrazione-libero": func(b *browser) portaltest.Answer {
		return fresh(b).Post("/registrazione/verifica", fresh(b).newcomer())
	},
	"registrazione-fatta": func(b *browser) portaltest.Answer { return fresh(b).Get("/registrazione/fatta") },
	"recupero":            func(b *browser) portaltest.Answer { return fresh(b).Get("/recupero") },
	"recupero-errore":     func(b *browser) portaltest.Answer { return fresh(b).Post("/recupero", url.Values{}) },
	"recupero-domanda": func(b *browser) portaltest.Answer {
		return fresh(b).Post("/recupero", url.Values{"per": {"username"}, "valore": {username}})
	},
	"recupero-inviata":       func(b *browser) portaltest.Answer { return fresh(b).Get("/recupero/inviata") },
	"nuova-password":         func(b *browser) portaltest.Answer { return fresh(b).Get("/recupero/password?codice=" + oneTimeCode) },
	"nuova-password-errore":  func(b *browser) portaltest.Answer { return fresh(b).Post("/recupero/password", url.Values{}) },
	"profilo":                func(b *browser) portaltest.Answer { return b.Get("/profilo") },
	"profilo-errore":         func(b *browser) portaltest.Answer { return b.Post("/profilo", b.Get("/profilo").Form()) },
	"profilo-non-confermato": func(b *browser) portaltest.Answer { b.world.registry.confirmed = false; return b.Get("/profilo") },
	"conferma-email":         func(b *browser) portaltest.Answer { return fresh(b).Get("/conferma-email?codice=" + oneTimeCode) },
	"conferma-email-scaduta": func(b *browser) portaltest.Answer { return fresh(b).Get("/conferma-email?codice=vecchio") },

	"domande":     func(b *browser) portaltest.Answer { return b.Get("/domande-frequenti") },
	"preferiti":   func(b *browser) portaltest.Answer { return b.Get("/preferiti") },
	"privacy":     func(b *browser) portaltest.Answer { return fresh(b).Get("/privacy") },
	"note-legali": func(b *browser) portaltest.Answer { return fresh(b).Get("/note-legali") },
	"stato":       func(b *browser) portaltest.Answer { return fresh(b).Get("/stato") },
	"stato-guasto": func(b *browser) portaltest.Answer {
		b.world.fail["Await"] = errors.New("closed")
		return fresh(b).Get("/stato")
	},
	"non-trovata": func(b *browser) portaltest.Answer { return b.Get("/dove") },
	"guasto": func(b *browser) portaltest.Answer {
		b.world.fail["Overview"] = errors.New("disk")
		return b.Get("/consumatori")
	},
}

// paidMuch gives the parent more payments than a page holds, and a credit.
func (b *browser) paidMuch() *browser {
	for base := range uint64(45) {
		b.world.pay(b.world.raise(500+base, tizio, 1000))
	}
	b.world.credit = 5733
	return b
}

// payment is the page of the paid bulletin of the guide, in a state.
func (b *browser) payment(state projections.PaidState) portaltest.Answer {
	b.world.state = state
	return b.Get("/documenti/pagamenti/" + string(notice(41)) + "/" + fmt.Sprint(entry(notice(41))))
}

// fresh is the same world, with nobody in.
func fresh(b *browser) *browser { return &browser{b.Stranger(), b.world} }

func (b *browser) twoChildren() *browser {
	other := b.world.consumers[0]
	other.ID = domain.ConsumerID{UUID: uuid.MustParse("33333333-3333-4333-8333-333333333333")}
	other.Name, other.School, other.Diet = "SECONDO TEST", "PRIM. MANZONI", "SENZA GLUTINE"
	other.LastTopUp, other.LastBulletin, other.Services, other.Saldo = &DatedAmount{Amount: 123450, On: "2020-01-07"}, nil, nil, 120000
	b.world.consumers = append(slices.Clone(b.world.consumers), other)
	return b
}

func inPayment(b *browser) portaltest.Answer {
	notices := b.family()
	id := uuid.MustParse(b.cart(postScuola))
	b.world.find(notices[2]).Pending = &Pending{Since: b.world.now.Add(-time.Minute), Payment: domain.PaymentID{UUID: id}}
	b.world.find(notices[3]).Pending = &Pending{Since: b.world.now.Add(-time.Minute)}
	return b.Get("/paga?categoria=" + refezione)
}

func checkoutDown(b *browser) portaltest.Answer {
	b.world.fail["StartCheckout"] = ErrCheckoutUnavailable
	return b.Post("/paga/avvio", b.Get("/paga/riepilogo?pagamento="+b.cart(postScuola)).Form())
}

func (b *browser) outcome(how string) portaltest.Answer {
	id := b.checkout(postScuola)
	return b.Get(b.Get("/paga/ritorno/" + id + "/" + how).Header.Get("Location"))
}

func late(b *browser) portaltest.Answer {
	id := b.checkout(postScuola)
	for range 4 { // busy on other pages meanwhile
		b.world.now = b.world.now.Add(10 * time.Minute)
		b.Get("/consumatori")
	}
	return b.Get("/paga/esito/" + id)
}

func paid(b *browser) portaltest.Answer {
	id := b.checkout(postScuola)
	b.world.pay(postScuola)
	return b.Get("/paga/esito/" + id)
}

func (b *browser) email(address string) portaltest.Answer {
	path := "/paga/avvisi/" + string(postScuola)
	form := b.Get(path).Form()
	form.Set("email", address)
	return b.Post(path+"/email", form)
}

// eachState runs check on every state, each over a fresh world.
func eachState(t *testing.T, check func(t *testing.T, b *browser, a portaltest.Answer)) {
	for name, state := range states {
		t.Run(name, func(t *testing.T) {
			b := enter(t)
			check(t, b, state(b))
		})
	}
}
