package sim

// FlowSwitches are what goes wrong with a flow, or with the bank's credit that
// belongs to it. The first six are in the flow alone, and are gone in its
// correction; the credit is what was really collected, except as the last say.
type FlowSwitches struct {
	// WrongTotal declares one euro more than the lines add up to.
	WrongTotal bool `json:"wrongTotal"`
	// WrongCount declares one payment more than there are.
	WrongCount bool `json:"wrongCount"`
	// WrongHeader names another body as the receiver.
	WrongHeader bool `json:"wrongHeader"`
	// OtherTRN names another transfer than the one that the bank books.
	OtherTRN bool `json:"otherTRN"`
	// RepeatedLine has the first line twice; the totals count both.
	RepeatedLine bool `json:"repeatedLine"`
	// MissingLine leaves the last line out, of two or more; the totals do not know it.
	MissingLine bool `json:"missingLine"`

	// UnknownIUV adds a payment of ten euro that the body never asked for, under its
	// own segregation code. The money is real.
	UnknownIUV bool `json:"unknownIUV"`
	// OtherSegregation adds a payment of ten euro of another system of the body,
	// under a segregation code of its own. The money is real.
	OtherSegregation bool `json:"otherSegregation"`

	// NoFlow publishes no flow: the money arrives alone.
	NoFlow bool `json:"noFlow"`
	// NoCredit has the bank book nothing.
	NoCredit bool `json:"noCredit"`
	// OtherAmount has the bank book one euro less than was collected.
	OtherAmount bool `json:"otherAmount"`
	// Reversed has the bank take the credit back on the working day after and book
	// it again.
	Reversed bool `json:"reversed"`
	// OldForm writes the causale without /TXT/0, as before 2014.
	OldForm bool `json:"oldForm"`
	// Wrapped breaks the causale into lines of 35 characters.
	Wrapped bool `json:"wrapped"`
	// Blanks puts blanks into the causale, and words of the bank's around it.
	Blanks bool `json:"blanks"`
}

// with returns what holds when both s and t do.
func (s FlowSwitches) with(t FlowSwitches) FlowSwitches {
	for _, row := range flowRows {
		*row.of(&s) = *row.of(&s) || *row.of(&t)
	}
	return s
}

// flowRows are the switches as the page has them, all of them.
var flowRows = []struct {
	name, label string
	of          func(*FlowSwitches) *bool
}{
	{"totale", "Importo totale del flusso sbagliato", func(s *FlowSwitches) *bool { return &s.WrongTotal }},
	{"numero", "Numero dei pagamenti del flusso sbagliato", func(s *FlowSwitches) *bool { return &s.WrongCount }},
	{"testata", "Flusso intestato a un altro ente", func(s *FlowSwitches) *bool { return &s.WrongHeader }},
	{"trn", "Flusso con il TRN di un altro bonifico", func(s *FlowSwitches) *bool { return &s.OtherTRN }},
	{"ripetuta", "Una riga ripetuta", func(s *FlowSwitches) *bool { return &s.RepeatedLine }},
	{"mancante", "Una riga mancante", func(s *FlowSwitches) *bool { return &s.MissingLine }},
	{"sconosciuto", "Una riga con uno IUV sconosciuto", func(s *FlowSwitches) *bool { return &s.UnknownIUV }},
	{"segregazione", "Una riga con un altro codice di segregazione", func(s *FlowSwitches) *bool { return &s.OtherSegregation }},
	{"senza-flusso", "Accredito senza flusso", func(s *FlowSwitches) *bool { return &s.NoFlow }},
	{"senza-accredito", "Flusso senza accredito", func(s *FlowSwitches) *bool { return &s.NoCredit }},
	{"altro-importo", "Accredito di un euro in meno", func(s *FlowSwitches) *bool { return &s.OtherAmount }},
	{"stornato", "Accredito stornato e poi ripetuto", func(s *FlowSwitches) *bool { return &s.Reversed }},
	{"vecchia", "Causale nella forma vecchia", func(s *FlowSwitches) *bool { return &s.OldForm }},
	{"spezzata", "Causale spezzata in righe", func(s *FlowSwitches) *bool { return &s.Wrapped }},
	{"spazi", "Causale con spazi e altre parole", func(s *FlowSwitches) *bool { return &s.Blanks }},
}
