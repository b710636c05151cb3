package portal

import "strings"

// pupils prints children as bulletins name them: "MAT. BORSELLINO, UTENTE TEST".
func pupils(list []Pupil) string {
	names := make([]string, len(list))
	for i, p := range list {
		names[i] = p.School + ", " + p.Name
	}
	return strings.Join(names, "; ")
}

// diet hides the reason of a diet: it can tell of health or faith.
func diet(name string) string {
	if name == "" || strings.EqualFold(name, "NORMALE") {
		return "NORMALE"
	}
	return "DIETA SPECIALE"
}

// methods are pagoPA's words for how somebody paid, as one would say them.
var methods = map[string]string{
	"creditCard": "carta", "cash": "contanti", "bancomat": "bancomat", "bancomatPay": "BANCOMAT Pay", "bankAccount": "conto corrente",
	"satispay": "Satispay", "other": "altro metodo",
}

// Method says how somebody paid; a word of pagoPA's that is not known is left out.
func Method(word string) string { return methods[word] }
