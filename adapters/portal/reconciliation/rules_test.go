package reconciliation

import (
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
)

// newRule is the form of a rule that fits the credit of no flow, and a button.
func newRule(action string) url.Values {
	return url.Values{
		"chiave": {key}, "azione": {action}, "esito": {"accredito-senza-fdr"}, "importo": {"40,00"}, "giorni": {"2"}, "motivo": {"Somme piccole"},
	}
}

func TestRulesSayWhoSetThemAndWhen(t *testing.T) {
	d := sit(t, domain.RoleReconciler)
	d.Get(rulesPath).Is(http.StatusOK, "1. Parziale", "Ritirata 23/11/2026 18:00 da bruno: Il PSP ha corretto", "2. Importo diverso", "In vigore", "1,00 €", "Commissioni della banca",
		"24/11/2026 18:00 da bruno", "Sopra 40,00 €").Has(`<option value="2"`).Lacks(`<option value="1"`, "Che cosa accetterebbe")
	d.world.rules = domain.Rules{}
	d.Get(rulesPath).Is(http.StatusOK, "Nessuna regola").Lacks("Ritira una regola")
}

func TestARuleIsTriedBeforeItIsSet(t *testing.T) {
	d := sit(t, domain.RoleReconciler)
	form := newRule("prova")
	d.Post(rulesPath, form).Is(http.StatusOK, "Oggi la regola non accetterebbe niente").Has(`value="40,00"`, `value="Somme piccole"`)
	form.Set("esito", "rt-in-eccesso")
	form.Del("motivo")
	d.Post(rulesPath, form).Is(http.StatusOK, "1 caso aperto", "12,34 €").Has(`href="` + receiptLink(shortReceipt) + `"`)
	if len(d.world.sent) > 0 {
		t.Errorf("trying did %q", d.world.sent)
	}
	form.Set("azione", "imposta")
	d.Post(rulesPath, form).Is(http.StatusUnprocessableEntity, "Scrivi il motivo").Has(`href="#motivo"`)
	form.Set("motivo", "Somme  piccole")
	d.Post(rulesPath, form).LeadsTo(rulesPath)
	if want := []string{"SetRule utente.riconciliazione rt-in-eccesso 40.00 2 Somme piccole"}; !slices.Equal(d.world.sent, want) {
		t.Errorf("did %q, want %q", d.world.sent, want)
	}
	form.Set("azione", "altro")
	d.Post(rulesPath, form).Is(http.StatusBadRequest)
}

func TestARuleThatMayNotBeIsRefusedByItsField(t *testing.T) {
	d := sit(t, domain.RoleReconciler)
	for _, action := range []string{"prova", "imposta"} {
		for field, wrong := range map[string]string{"esito": "quadrato", "importo": "tanto", "giorni": "presto"} {
			form := newRule(action)
			form.Set(field, wrong)
			d.Post(rulesPath, form).Is(http.StatusUnprocessableEntity).Has(`href="#`+field+`"`, `value="Somme piccole"`)
		}
	}
	for field, wrong := range map[string]string{"importo": "40,01", "giorni": "16"} {
		form := newRule("prova")
		form.Set(field, wrong)
		d.Post(rulesPath, form).Is(http.StatusUnprocessableEntity).Has(`href="#`+field+`"`, `value="`+wrong+`"`)
	}
	for refusal, field := range map[*domain.Refusal]string{
		domain.ErrBadRuleAmount: "importo", domain.ErrBadRuleDays: "giorni", domain.ErrTooManyRules: "esito", domain.ErrBadReason: "motivo",
	} {
		d.world.refusal = refusal
		d.Post(rulesPath, newRule("imposta")).Is(http.StatusUnprocessableEntity, rules[refusal]).Has(`href="#` + field + `"`)
	}
}

func TestARuleIsWithdrawnWithAReason(t *testing.T) {
	d := sit(t, domain.RoleReconciler)
	form := url.Values{"chiave": {key}, "regola": {"2"}}
	d.Post(withdrawPath, form).Is(http.StatusUnprocessableEntity, "Scrivi il motivo").Has(`href="#perche"`, `<option value="2" selected>`)
	form.Set("perche", "Non serve più")
	d.world.refusal = domain.ErrUnknownRule
	d.Post(withdrawPath, form).Is(http.StatusUnprocessableEntity, "Scegli la regola").Has(`href="#regola"`, `value="Non serve più"`)
	d.world.refusal = nil
	d.Post(withdrawPath, form).LeadsTo(rulesPath)
	if want := []string{"WithdrawRule utente.riconciliazione 2 Non serve più"}; !slices.Equal(d.world.sent, want) {
		t.Errorf("did %q, want %q", d.world.sent, want)
	}
}
