package summary

import (
	"fmt"
	"iter"
	"slices"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/table"
)

// NoChapter is what stands where a service has none.
const NoChapter = "senza capitolo"

// Table says what the summary's file is of.
func (s *Summary) Table() table.Table {
	return table.Table{
		Title: s.Per.Title(), Author: string(s.Creditor), Date: s.Span.To, Columns: s.columns(),
		Heading: fmt.Sprintf("Ente %s, dal %s al %s (situazione alla posizione %d del registro)", s.Creditor, day(s.Span.From), day(s.Span.To), s.Position),
	}
}

func day(d domain.Date) string { return d.Time().Format("02/01/2006") }

// Name is what the summary's file is called, without anything in it that is not for a
// file's name.
func (q Question) Name(extension string) string {
	return fmt.Sprintf("resoconto-%s-%s-%s-%s.%s", q.Per, q.Creditor, q.Span.From, q.Span.To, extension)
}

// Lines yields the summary's lines, with its sums at the end.
func (s *Summary) Lines() iter.Seq[table.Line] {
	switch s.Per {
	case Accertamenti, Reversali:
		return s.detail
	case Chapter:
		return s.chapters
	}
	return func(yield func(table.Line) bool) {
		for _, k := range s.keys() {
			if !yield(table.Line{Cells: append(s.head(k), s.cells(s.groups[k])...)}) {
				return
			}
		}
		yield(s.sums(table.Total, "Totale", &s.Total))
	}
}

// All are the lines as printers take them.
func (s *Summary) All() table.Lines {
	return func(yield func(table.Line, error) bool) {
		for l := range s.Lines() {
			if !yield(l, nil) {
				return
			}
		}
	}
}

// chapters are the groups with the sums of each chapter that has several.
func (s *Summary) chapters(yield func(table.Line) bool) {
	keys := s.keys()
	for i := 0; i < len(keys); {
		var sums Sums
		from := i
		for ; i < len(keys) && keys[i].chapter == keys[from].chapter; i++ {
			group := s.groups[keys[i]]
			sums.plus(group)
			if !yield(table.Line{Cells: append(s.head(keys[i]), s.cells(group)...)}) {
				return
			}
		}
		if i-from > 1 && !yield(s.sums(table.Closing, "Totale "+chapterName(keys[from].chapter), &sums)) {
			return
		}
	}
	yield(s.sums(table.Total, "Totale", &s.Total))
}

func (s *Sums) plus(o *Sums) {
	s.Issued, s.Cancelled = s.Issued+o.Issued, s.Cancelled+o.Cancelled
	s.Taken, s.Reported, s.Settled, s.Open = s.Taken+o.Taken, s.Reported+o.Reported, s.Settled+o.Settled, s.Open+o.Open
}

// sums is a line of sums: its first cell of text says which.
func (s *Summary) sums(role table.Role, title string, of *Sums) table.Line {
	head := make([]table.Cell, len(s.head(key{})))
	head[0] = table.Cell{Label: title}
	return table.Line{Role: role, Cells: append(head, s.cells(of)...)}
}

// columns are those of the summary, whose lines head and cells fill.
func (s *Summary) columns() []table.Column {
	var head []table.Column
	counts := []table.Column{whole("payments", "Pagamenti"), whole("flows", "Flussi"), whole("lines", "Righe dei flussi")}
	bills := []table.Column{amount("issued", "Emesso"), amount("cancelled", "Annullato")}
	money := []table.Column{amount("taken", "Incassato"), amount("reported", "Rendicontato"), amount("settled", "Riversato"), amount("open", "In transito")}
	differences := []table.Column{whole("differences", "Da verificare"), amount("difference", "Differenza")}
	switch s.Per {
	case Day:
		head = []table.Column{{Name: "day", Title: "Giorno", Kind: table.Day}}
		return slices.Concat(head, counts, money, differences)
	case PSP:
		head = []table.Column{{Name: "psp", Title: "PSP"}, {Name: "pspName", Title: "Nome", Share: 50, Width: 40}}
		return slices.Concat(head, counts, money, differences)
	case Category:
		head = []table.Column{{Name: "category", Title: "Categoria", Share: 50, Width: 40}, {Name: "service", Title: "Servizio", Share: 45, Width: 36}}
	case Chapter:
		head = []table.Column{{Name: "chapter", Title: "Capitolo", Share: 36}, {Name: "item", Title: "Voce", Share: 50, Width: 40}}
	default:
		return s.detailColumns()
	}
	return slices.Concat(head, bills, money)
}

// head is what a group is.
func (s *Summary) head(k key) []table.Cell {
	switch s.Per {
	case Day:
		return []table.Cell{table.On(k.day)}
	case PSP:
		if k.psp == "" {
			return []table.Cell{{Label: "senza PSP"}, {}}
		}
		return []table.Cell{table.Words(k.psp), table.Words(s.PSPs[k.psp])}
	case Category:
		category := string(k.category)
		if k.kind != ForService {
			category = "senza categoria"
		} else if name := s.Categories[k.category]; name != "" {
			category = name
		}
		return []table.Cell{table.Words(category), table.Words(s.item(k.kind, k.service))}
	}
	return []table.Cell{table.Words(chapterName(k.chapter)), table.Words(s.item(k.kind, k.service))}
}

func chapterName(chapter string) string {
	if chapter == "" {
		return NoChapter
	}
	return chapter
}

// item is a service's name, or what else money is for.
func (s *Summary) item(kind Kind, service domain.ServiceCode) string {
	if kind != ForService {
		return kind.Title()
	}
	if name := s.Services[service].Name; name != "" {
		return name
	}
	return string(service)
}

// cells are a group's sums.
func (s *Summary) cells(of *Sums) []table.Cell {
	money := []table.Cell{table.Euro(of.Taken), table.Euro(of.Reported), table.Euro(of.Settled), table.Euro(of.Open)}
	if !s.Differs() {
		return append([]table.Cell{table.Euro(of.Issued), table.Euro(of.Cancelled)}, money...)
	}
	cells := []table.Cell{table.Number(of.Payments), table.Number(of.Flows), table.Number(of.Lines)}
	return append(append(cells, money...), table.Number(of.Differences), table.Euro(of.Difference))
}

func amount(name, title string) table.Column {
	return table.Column{Name: name, Title: title, Kind: table.Amount}
}

func whole(name, title string) table.Column {
	return table.Column{Name: name, Title: title, Kind: table.Whole}
}
