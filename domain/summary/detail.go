package summary

import (
	"cmp"
	"slices"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/table"
)

// stageTitles say in Italian what an entry of accertamenti is.
var stageTitles = map[Stage]string{Issued: "Emesso", Cancelled: "Annullato", Taken: "Incassato"}

// detailColumns are those of accertamenti and reversali.
func (s *Summary) detailColumns() []table.Column {
	chapter := []table.Column{{Name: "chapter", Title: "Capitolo", Share: 24}, {Name: "item", Title: "Voce", Share: 30}}
	payment := []table.Column{
		{Name: "notice", Title: "Avviso", Share: 27}, {Name: "iuv", Title: "IUV", Share: 26}, {Name: "iur", Title: "Ricevuta (IUR)", Width: 38, Share: 30},
		{Name: "psp", Title: "PSP", Share: 18},
	}
	if s.Per == Accertamenti {
		what := []table.Column{{Name: "day", Title: "Giorno", Kind: table.Day}, {Name: "operation", Title: "Operazione", Share: 20, Width: 14}}
		return slices.Concat(chapter, what, payment, []table.Column{amount("issued", "Emesso"), amount("cancelled", "Annullato"), amount("taken", "Incassato")})
	}
	bank := []table.Column{
		{Name: "booked", Title: "Accreditato il", Kind: table.Day}, {Name: "document", Title: "Provvisorio", Share: 20, Width: 18},
		{Name: "trn", Title: "TRN", Share: 26, Width: 36}, {Name: "flow", Title: "Flusso", Width: 38, Share: 34},
	}
	paid := []table.Column{{Name: "paid", Title: "Pagato il", Kind: table.Day}}
	return slices.Concat(chapter, bank, paid, payment, []table.Column{amount("amount", "Importo")})
}

// detail are the entries by chapter, and by bank movement where there is one, each with
// its sums.
func (s *Summary) detail(yield func(table.Line) bool) {
	all := slices.Clone(s.entries)
	slices.SortStableFunc(all, s.compare)
	var ofChapter, ofBank tally
	for i, e := range all {
		if !yield(table.Line{Cells: s.entryCells(e)}) {
			return
		}
		ofChapter.add(e)
		ofBank.add(e)
		last := i+1 == len(all)
		if s.Per == Reversali && (last || all[i+1].Movement != e.Movement || s.chapterOf(all[i+1].Share) != s.chapterOf(e.Share)) {
			if ofBank.count > 1 && !yield(s.detailSum(table.Closing, s.chapterCell(e), "Totale del provvisorio", e, ofBank.Sums)) {
				return
			}
			ofBank = tally{}
		}
		if last || s.chapterOf(all[i+1].Share) != s.chapterOf(e.Share) {
			if !yield(s.detailSum(table.Closing, s.chapterCell(e), "Totale del capitolo", Entry{}, ofChapter.Sums)) {
				return
			}
			ofChapter = tally{}
		}
	}
	yield(s.detailSum(table.Total, table.Cell{Label: "Totale"}, "", Entry{}, s.Total))
}

// tally is the sums of some entries, and how many they are.
type tally struct {
	Sums
	count int
}

func (t *tally) add(e Entry) {
	t.Sums.add(e)
	t.count++
}

// compare orders entries as accountants book them.
func (s *Summary) compare(a, b Entry) int {
	if by := last(s.chapterOf(a.Share), s.chapterOf(b.Share)); by != 0 {
		return by
	}
	if s.Per == Accertamenti {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Stage, b.Stage),
			cmp.Compare(a.Day, b.Day), cmp.Compare(a.Notice, b.Notice), cmp.Compare(a.Receipt, b.Receipt))
	}
	return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(len(a.Movement), len(b.Movement)), cmp.Compare(a.Movement, b.Movement), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Service, b.Service),
		cmp.Compare(a.Paid, b.Paid), cmp.Compare(a.Notice, b.Notice), cmp.Compare(a.Receipt, b.Receipt))
}

func (s *Summary) chapterCell(e Entry) table.Cell {
	return table.Words(chapterName(s.chapterOf(e.Share)))
}

func (s *Summary) entryCells(e Entry) []table.Cell {
	cells := []table.Cell{s.chapterCell(e), table.Words(s.item(e.Kind, e.Service))}
	payment := []table.Cell{table.Words(e.Notice), table.Words(e.Notice.IUV()), table.Words(e.Receipt), table.Words(e.PSP)}
	if s.Per == Accertamenti {
		var sums Sums
		sums.add(e)
		return slices.Concat(cells, []table.Cell{table.On(e.Day), table.Words(stageTitles[e.Stage])}, payment, billed(sums, false))
	}
	return slices.Concat(cells, bankCells(e), []table.Cell{table.On(e.Paid)}, payment, []table.Cell{table.Euro(e.Amount)})
}

func bankCells(e Entry) []table.Cell {
	return []table.Cell{table.On(e.Day), table.Words(e.Document), table.Words(e.TRN), table.Words(e.Flow)}
}

// billed are the amounts of accertamenti; of an entry, the one that it has.
func billed(of Sums, all bool) (cells []table.Cell) {
	for _, m := range []domain.Money{of.Issued, of.Cancelled, of.Taken} {
		cells = append(cells, table.Cell{Set: all || m != 0, Amount: m})
	}
	return cells
}

func (s *Summary) detailSum(role table.Role, chapter table.Cell, title string, bank Entry, of Sums) table.Line {
	cells := []table.Cell{chapter, {Label: title}}
	const payment = 4 // columns that say which
	if s.Per == Accertamenti {
		return table.Line{Role: role, Cells: slices.Concat(cells, make([]table.Cell, 2+payment), billed(of, true))}
	}
	return table.Line{Role: role, Cells: slices.Concat(cells, bankCells(bank), make([]table.Cell, 1+payment), []table.Cell{table.Euro(of.Settled)})}
}
