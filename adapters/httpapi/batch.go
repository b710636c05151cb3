package httpapi

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// maxBatchBody bounds the body of a mass issue in bytes: ledger.MaxBatch bulletins
// of several services each.
const maxBatchBody = 16 << 20

// issueBatchIn is a mass issue. Each bulletin is read by itself, so that a value
// that breaks a rule refuses its own row and no other.
type issueBatchIn struct {
	Bulletins []jsontext.Value `json:"bulletins"`
	Send      bool             `json:"send"` // make all payable at once
	At        instant          `json:"at"`   // the issue date where a bulletin has none
}

// batchBulletinIn is one bulletin of a mass issue.
type batchBulletinIn struct {
	Notice   domain.NoticeNumber `json:"notice"` // refused: the ledger gives it out
	Parent   domain.ParentID     `json:"parent"`
	Category domain.CategoryCode `json:"category"`
	Lines    []domain.Line       `json:"lines"`
	Period   domain.Period       `json:"period"`
	Due      domain.Date         `json:"due"`
	Causale  string              `json:"causale"`
	At       instant             `json:"at"`
	// Another way to pay the same debt. The ledger gives out these numbers too.
	Instalments []domain.Instalment `json:"instalments"`
}

// BatchRow is what became of one bulletin of a mass issue: issued, refused, or
// issued before and refused to be sent.
type BatchRow struct {
	Notice   domain.NoticeNumber `json:"notice,omitempty"`
	IUV      domain.IUV          `json:"iuv,omitempty"`
	Position eventstore.Position `json:"position,omitempty"`
	Repeated bool                `json:"repeated,omitempty"`
	Refusal  *RowRefusal         `json:"refusal,omitempty"`

	Instalments []domain.Instalment `json:"instalments,omitempty"`
}

// RowRefusal is the problem of one row.
type RowRefusal struct {
	Status int    `json:"status"` // as for the bulletin alone
	Detail string `json:"detail"`
	Field  string `json:"field"` // "bulletins/17/lines/0/amount", counted from 0
	Rule   string `json:"rule"`
}

// issueBatch raises many bulletins. Those that cannot be read never reach the
// ledger: the same body leaves out the same ones, so that the others keep their
// numbers.
func (a *api) issueBatch(r *http.Request, env eventstore.Envelope, in issueBatchIn) (done, error) {
	creditor, at, err := a.creditorAt(r, in.At)
	if err != nil {
		return done{}, err
	}
	if len(in.Bulletins) == 0 || len(in.Bulletins) > ledger.MaxBatch {
		return done{}, fmt.Errorf("%d: %w", len(in.Bulletins), ledger.ErrBadBatch)
	}
	batch := ledger.Batch{Creditor: creditor, Send: in.Send, At: at}
	rows := make([]BatchRow, len(in.Bulletins))
	var places []int // of the batch's bulletins among the rows
	for i, value := range in.Bulletins {
		cmd, err := a.batchBulletin(value, in.At)
		if rows[i].Refusal = refusalOf(i, err); err != nil {
			continue
		}
		cmd.Creditor = creditor
		batch.Bulletins, places = append(batch.Bulletins, cmd), append(places, i)
	}
	out, err := a.raiseBatch(r, env, batch, rows, places)
	if err != nil {
		return done{}, err
	}
	return done{out, countRows(rows)}, nil
}

// batchBulletin reads one bulletin.
func (a *api) batchBulletin(value jsontext.Value, at instant) (domain.IssueBulletin, error) {
	var in batchBulletinIn
	if err := decode(value, &in); err != nil {
		return domain.IssueBulletin{}, err
	}
	if in.At == "" {
		in.At = at
	}
	when, err := a.when(in.At)
	return domain.IssueBulletin{
		Notice: in.Notice, Parent: in.Parent, Category: in.Category, Lines: in.Lines,
		Period: in.Period, Due: in.Due, Causale: in.Causale, Instalments: in.Instalments, At: when,
	}, err
}

// raiseBatch brings a batch to the ledger and what became of it to its rows. An
// empty one needs the creditor at least.
func (a *api) raiseBatch(r *http.Request, env eventstore.Envelope, batch ledger.Batch, rows []BatchRow, places []int) (ledger.Outcome, error) {
	if len(places) == 0 {
		_, err := a.Ledger.KnownCreditor(r.Context(), batch.Creditor)
		return ledger.Outcome{}, err
	}
	raised, err := a.Ledger.IssueBulletins(r.Context(), env, batch)
	if err != nil {
		return ledger.Outcome{}, err
	}
	out := ledger.Outcome{Repeated: true}
	for i, row := range raised {
		rows[places[i]] = rowOf(places[i], row)
		out.Position = max(out.Position, row.Position)
		out.Repeated = out.Repeated && (row.Repeated || row.Notice == "")
	}
	out.Repeated = out.Repeated && out.Position > 0
	return out, nil
}

// rowOf is the row of the i-th bulletin.
func rowOf(i int, row ledger.Row) BatchRow {
	out := BatchRow{Refusal: refusalOf(i, row.Err)}
	if row.Notice != "" {
		out.Notice, out.IUV, out.Position, out.Repeated = row.Notice, row.Notice.IUV(), row.Position, row.Repeated
		out.Instalments = row.Instalments
	}
	return out
}

// refusalOf is what there is to say of a row's error; nothing for nil.
func refusalOf(i int, err error) *RowRefusal {
	if err == nil {
		return nil
	}
	out := &RowRefusal{Status: http.StatusBadRequest, Detail: err.Error(), Field: "bulletins/" + strconv.Itoa(i)}
	field := ""
	if frame, ok := errors.AsType[*malformed](err); ok {
		field, out.Rule = frame.field, frame.rule
	}
	if no, ok := errors.AsType[*domain.Refusal](err); ok {
		field, out.Rule, out.Status = no.Field, no.Rule, statusOf(no.Kind)
		if inner, ok := errors.AsType[*misfit](err); ok {
			field = inner.field
		}
	}
	if field != "" && field != wholeBody {
		out.Field += "/" + field
	}
	return out
}

// CheckBulletin says what is wrong with one bulletin of a mass issue, whatever the
// ledger holds: the field, empty for all of it, and the rule. Nothing is wrong when
// there is no rule.
func CheckBulletin(bulletin []byte) (field, rule string) {
	a := &api{Config{Clock: time.Now}}
	cmd, err := a.batchBulletin(bulletin, "")
	if err == nil && cmd.Notice != "" {
		err = ledger.ErrBatchNumber
	}
	if err == nil {
		err = cmd.Check()
	}
	if no := refusalOf(0, err); no != nil {
		return RowField(no.Field), no.Rule
	}
	return "", ""
}

// RowField is the field of a row's refusal within the bulletin: of
// "bulletins/17/lines/0/amount" it is "lines/0/amount".
func RowField(field string) string {
	parts := strings.SplitN(field, "/", 3)
	return strings.Join(parts[min(2, len(parts)):], "")
}

// countRows is the answer to a mass issue.
func countRows(rows []BatchRow) map[string]any {
	refused := 0
	for _, row := range rows {
		if row.Refusal != nil {
			refused++
		}
	}
	return map[string]any{"rows": rows, "issued": len(rows) - refused, "refused": refused}
}
