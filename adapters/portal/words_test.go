package portal

import "testing"

func TestWordsOfThePages(t *testing.T) {
	for got, want := range map[string]string{
		diet(""): "NORMALE", diet("Normale"): "NORMALE", diet("NO MAIALE"): "DIETA SPECIALE",
		pupils([]Pupil{{School: "MAT. BORSELLINO", Name: "UTENTE TEST"}, {School: "PRIM. MANZONI", Name: "ALTRO"}}): "MAT. BORSELLINO, UTENTE TEST; PRIM. MANZONI, ALTRO",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
