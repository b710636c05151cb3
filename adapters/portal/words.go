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
