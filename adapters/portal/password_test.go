package portal

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func newPassword(current, next, again string) url.Values {
	return url.Values{"attuale": {current}, "nuova": {next}, "ripeti": {again}}
}

func TestModificaPasswordStatesItsRules(t *testing.T) {
	enter(t).Get("/profilo/password").
		Is(http.StatusOK, "Modifica password", "Password attuale*", "Nuova password*", "Digita ancora la nuova password*",
			"Usa da 8 a 64 caratteri, senza spazi, con lettere, numeri e simboli (ad esempio !, $, %, &). Meglio una frase lunga").
		Has(`autocomplete="current-password"`, `autocomplete="new-password"`, `aria-describedby="nuova-aiuto"`)
}

func TestChangingThePasswordEndsTheOtherSessions(t *testing.T) {
	b := enter(t)
	b.world.sessions["another phone's"] = b.world.now.Add(time.Hour)
	b.Post("/profilo/password", newPassword(password, "Nuova-1234", "Nuova-1234")).LeadsTo("/profilo/password")
	b.Get("/profilo/password").Is(http.StatusOK, "Password modificata. Gli altri accessi con questo account sono stati chiusi")
	if len(b.world.sessions) != 1 || b.world.secret != "Nuova-1234" {
		t.Errorf("%d sessions are open, the password is %q", len(b.world.sessions), b.world.secret)
	}
}

func TestAPasswordThatWillNotDoSaysWhy(t *testing.T) {
	for name, test := range map[string]struct {
		form   url.Values
		fail   error
		locked time.Duration
		status int
		text   string
		field  string
	}{
		"blank":        {newPassword("", "", ""), nil, 0, 422, "Inserisci la password attuale", "attuale"},
		"no new one":   {newPassword(password, "", ""), nil, 0, 422, "Inserisci la nuova password", "nuova"},
		"not the same": {newPassword(password, "Nuova-1234", "Nuova-1235"), nil, 0, 422, "Digita ancora la stessa nuova password", "ripeti"},
		"wrong":        {newPassword("Altra-1234", "Nuova-1234", "Nuova-1234"), nil, 0, 422, "La password attuale non è corretta", "attuale"},
		"locked":       {newPassword(password, "Nuova-1234", "Nuova-1234"), nil, 5 * time.Minute, 429, "Riprova tra 5 minuti", "attuale"},
		"length":       {newPassword(password, "corta", "corta"), ErrPasswordLength, 0, 422, "8-64 caratteri", "nuova"},
		"space":        {newPassword(password, "con spazi 1!", "con spazi 1!"), ErrPasswordSpace, 0, 422, "senza spazi", "nuova"},
		"composition":  {newPassword(password, "sololettere", "sololettere"), ErrPasswordComposition, 0, 422, "un simbolo", "nuova"},
		"common":       {newPassword(password, "Password1!", "Password1!"), ErrPasswordCommon, 0, 422, "tra le più usate", "nuova"},
		"personal":     {newPassword(password, "SEMPRONIO80!", "SEMPRONIO80!"), ErrPasswordPersonal, 0, 422, "tuo nome utente", "nuova"},
	} {
		t.Run(name, func(t *testing.T) {
			b := enter(t)
			b.world.locked = test.locked
			b.world.fail["ChangePassword"] = test.fail
			a := b.Post("/profilo/password", test.form).Is(test.status, test.text).
				Has(`id="`+test.field+`-errore"`, `href="#`+test.field+`"`)
			for _, typed := range test.form {
				if typed[0] != "" && strings.Contains(a.Body, typed[0]) && typed[0] != "corta" {
					t.Errorf("the page shows %q again", typed[0])
				}
			}
			if b.world.secret != password {
				t.Error("the password changed")
			}
			b.world.locked = 0
			b.Get("/consumatori").Is(http.StatusOK) // and the parent is still in
		})
	}
}
