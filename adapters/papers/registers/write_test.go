package registers

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/xuri/excelize/v2"

	"github.com/saldo-ledger/saldo/adapters/papers"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/table"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit/register"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// The town and the child of these tests are invented.
const comune domain.FiscalCode = "12345678903"

var anna = domain.ConsumerID{UUID: uuid.MustParse("11111111-1111-4111-8111-111111111111")}

// shelf is a log of so many events that were never written, for tests of any size.
type shelf struct {
	size int
	one  func(n int) domain.Event
}

func (s shelf) End(context.Context) (eventstore.Position, error) {
	return eventstore.Position(s.size), nil
}

func (s shelf) Read(context.Context, eventstore.Stream, eventstore.Revision) iter.Seq2[eventstore.Recorded, error] {
	return func(func(eventstore.Recorded, error) bool) {}
}

func (s shelf) ReadAll(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	codec := wire.New(nil)
	return func(yield func(eventstore.Recorded, error) bool) {
		for n := int(after) + 1; n <= s.size; n++ {
			stream := eventstore.Stream("wallet-" + anna.String() + "-2019-2020")
			name, data, err := codec.Encode(ctx, stream, uuid.Nil, s.one(n))
			meta := fmt.Sprintf(`{"$correlationId":"%[1]s","command":"%[1]s","actor":"test","recorded":"2020-02-%02[2]dT12:00:00Z","hash":"%064[3]x"}`, uuid.Nil, n%28+1, n)
			if !yield(eventstore.Recorded{Stream: stream, Revision: eventstore.Revision(n), Position: eventstore.Position(n), Type: name, Data: data, Metadata: []byte(meta)}, err) {
				return
			}
		}
	}
}

// meals is a ledger of an advance and then meals.
func meals(size int) shelf {
	return shelf{size, func(n int) domain.Event {
		at := time.Date(2020, 2, n%28+1, 11, 0, 0, 0, time.UTC)
		if n == 1 {
			return domain.WalletCredited{Creditor: comune, Consumer: anna, Year: "2019-2020", Amount: 1234_50, At: at}
		}
		return domain.MealCharged{Creditor: comune, Consumer: anna, Year: "2019-2020", Service: "MENSA", Day: domain.DateOf(at), Amount: 4_50, At: at}
	}}
}

func february(kind register.Kind) register.Query {
	return register.Query{Kind: kind, Creditor: comune, From: "2020-02-01", To: "2020-02-29"}
}

func written(t *testing.T, log register.Log, q register.Query, f table.Format) ([]byte, register.Manifest) {
	t.Helper()
	var out bytes.Buffer
	m, err := Write(t.Context(), &out, log, q, f, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), m
}

func TestACSVIsWhatItalianSpreadsheetsOpen(t *testing.T) {
	got, _ := written(t, meals(2), february(register.Giornale), table.CSV)
	want := "\ufeff" + strings.ReplaceAll(`N.;Posizione;Data del fatto;Data di registrazione;Operazione;Avviso;Conto;Descrizione del conto;Dare;Avere;Annotazioni;Tipo dell’evento;Flusso dell’evento;Revisione;Impronta dell’evento (SHA-256)
1;1;02/02/2020 12:00:00;02/02/2020 13:00:00;Ricarica accreditata;;pagopa:transit;Incassi pagoPA in transito;1234,50;;;wallet-credited.v1;wallet-11111111-1111-4111-8111-111111111111-2019-2020;1;0000000000000000000000000000000000000000000000000000000000000001
1;1;02/02/2020 12:00:00;02/02/2020 13:00:00;Ricarica accreditata;;wallet:11111111-1111-4111-8111-111111111111;Ricarica del bambino 11111111-1111-4111-8111-111111111111;;1234,50;;wallet-credited.v1;wallet-11111111-1111-4111-8111-111111111111-2019-2020;1;0000000000000000000000000000000000000000000000000000000000000001
2;2;03/02/2020 12:00:00;03/02/2020 13:00:00;Pasto addebitato;;wallet:11111111-1111-4111-8111-111111111111;Ricarica del bambino 11111111-1111-4111-8111-111111111111;4,50;;;meal-charged.v1;wallet-11111111-1111-4111-8111-111111111111-2019-2020;2;0000000000000000000000000000000000000000000000000000000000000002
2;2;03/02/2020 12:00:00;03/02/2020 13:00:00;Pasto addebitato;;revenue:MENSA;Ricavi di MENSA;;4,50;;meal-charged.v1;wallet-11111111-1111-4111-8111-111111111111-2019-2020;2;0000000000000000000000000000000000000000000000000000000000000002
;;;;Totale;;;;1239,00;1239,00;;;;;
`, "\n", "\r\n")
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestAWorkbookHasNumbersThatAreExact(t *testing.T) {
	got, _ := written(t, meals(2), february(register.Mastrini), table.XLSX)
	book, err := excelize.OpenReader(bytes.NewReader(got))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	for cell, want := range map[string]string{"A1": "Conto", "I3": "1234.5", "K4": "1234.5", "A2": "pagopa:transit", "E3": "43863.5", "J12": "1239"} {
		raw, err := book.GetCellValue("Mastrini", cell, excelize.Options{RawCellValue: true})
		if err != nil || raw != want {
			t.Errorf("%s holds %q, %v; want %q", cell, raw, err, want)
		}
	}
	for cell, want := range map[string]string{"I3": "1,234.50", "E3": "02/02/2020 12:00:00"} {
		if shown, err := book.GetCellValue("Mastrini", cell); err != nil || shown != want {
			t.Errorf("%s shows %q, %v; want %q", cell, shown, err, want)
		}
	}
	kind, err := book.GetCellType("Mastrini", "I3")
	if err != nil || kind != excelize.CellTypeUnset && kind != excelize.CellTypeNumber {
		t.Errorf("an amount is of type %v, %v", kind, err)
	}
}

func TestJSONLinesHaveTheHashesOfTheEvents(t *testing.T) {
	got, _ := written(t, meals(2), february(register.Mastrini), table.JSONL)
	lines := strings.Split(strings.TrimSpace(string(got)), "\n")
	want := `{"account":"pagopa:transit","accountName":"Incassi pagoPA in transito","number":1,"position":1,"effective":"2020-02-02T11:00:00Z",` +
		`"recorded":"2020-02-02T12:00:00Z","operation":"Ricarica accreditata","debit":"1234.50","balance":"1234.50","type":"wallet-credited.v1",` +
		`"stream":"wallet-11111111-1111-4111-8111-111111111111-2019-2020","revision":1,"hash":"0000000000000000000000000000000000000000000000000000000000000001"}`
	if len(lines) != 11 || lines[1] != want {
		t.Errorf("%d lines, the second\n%s\nwant\n%s", len(lines), lines[1], want)
	}
	var total struct{ Line, Debit string }
	if err := json.Unmarshal([]byte(lines[10]), &total); err != nil || total.Line != "total" || total.Debit != "1239.00" {
		t.Errorf("the last line is %s", lines[10])
	}
}

// Whatever the machine, the day and the zone, a book is the same bytes, and its manifest
// says which.
func TestABookIsTheSameBytesEverywhere(t *testing.T) {
	for _, kind := range register.Kinds {
		for _, f := range table.Formats {
			first, m := written(t, meals(300), february(kind), f)
			sum := sha256.Sum256(first)
			if m.SHA256 != hex.EncodeToString(sum[:]) || m.Bytes != int64(len(first)) || m.Position != 300 || m.File != february(kind).Name(f) {
				t.Errorf("%s %s: the manifest says %+v of %d bytes", kind, f, m, len(first))
			}
			here := time.Local
			time.Local = time.FixedZone("elsewhere", 9*3600)
			again, _ := written(t, meals(300), february(kind), f)
			time.Local = here
			if !bytes.Equal(first, again) {
				t.Errorf("%s %s is other bytes the second time", kind, f)
			}
		}
	}
}

func TestEveryFormatOfABookSaysTheSame(t *testing.T) {
	for _, kind := range register.Kinds {
		var want register.Manifest
		for _, f := range table.Formats {
			_, m := written(t, meals(50), february(kind), f)
			if f == table.Formats[0] {
				want = m
			}
			if m.Lines != want.Lines || m.Lines == 0 || m.Debits != want.Debits || m.Credits != want.Credits || m.Debits != m.Credits {
				t.Errorf("%s %s: %+v, want as %+v", kind, f, m, want)
			}
		}
	}
}

func TestAPDFThatWouldHaveTooManyPagesIsRefused(t *testing.T) {
	if testing.Short() {
		t.Skip("a thousand pages take a while")
	}
	var out bytes.Buffer
	_, err := Write(t.Context(), &out, meals(40_000), february(register.Giornale), table.PDF, nil)
	if !errors.Is(err, papers.ErrTooLong) || out.Len() > 0 {
		t.Errorf("%d bytes, %v", out.Len(), err)
	}
}

func TestALongBookIsACSVAllTheSame(t *testing.T) {
	got, m := written(t, meals(40_000), february(register.Mastrini), table.CSV)
	in := csv.NewReader(bytes.NewReader(got))
	in.Comma = ';'
	rows, err := in.ReadAll()
	if err != nil || len(rows) != int(m.Lines)+2*3+2 {
		t.Errorf("%d rows of %d lines, %v", len(rows), m.Lines, err)
	}
}
