package httpapi

import (
	"cmp"
	"context"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/mux"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/reconciliation"
	"github.com/saldo-ledger/saldo/domain/summary"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/projections"
)

// Reconciled is what the API's queries about reconciliation read.
type Reconciled interface {
	ReconciliationFacts(ctx context.Context, creditor domain.FiscalCode, span domain.Period) (reconciliation.Facts, eventstore.Position, error)
	FlowFacts(ctx context.Context, creditor domain.FiscalCode, id string) (reconciliation.Facts, eventstore.Position, error)
	BankLine(ctx context.Context, creditor domain.FiscalCode, id string) (projections.BankLine, eventstore.Position, error)
	TakingsOf(ctx context.Context, creditor domain.FiscalCode, n domain.NoticeNumber) ([]reconciliation.Receipt, map[domain.ReceiptID][]string, eventstore.Position, error)
	CaseWord(ctx context.Context, creditor domain.FiscalCode, subject domain.Subject) (projections.CaseWord, eventstore.Position, error)
	Summary(ctx context.Context, q summary.Question, t reconciliation.Terms) (*summary.Summary, eventstore.Position, error)
	Documents(ctx context.Context, creditor domain.FiscalCode, limit int) ([]projections.DocumentRow, eventstore.Position, error)
}

// Intake takes documents in, an archive file by file.
type Intake interface {
	Take(ctx context.Context, actor string, d ledger.Document) ([]ledger.Imported, error)
}

// maxDocumentBody bounds a document's request: base 64 takes a third more.
const maxDocumentBody = 192 << 20

// documentsListed is how many documents are listed.
const documentsListed = 200

type documentIn struct {
	Name    string `json:"name"`
	Content []byte `json:"content"` // base 64
}

// importedJSON is what became of a document, or of one of an archive.
type importedJSON struct {
	Name        string              `json:"name"`
	SHA256      string              `json:"sha256"`
	Kind        domain.DocumentKind `json:"kind"`
	Repeated    bool                `json:"repeated"`
	Quarantined string              `json:"quarantined,omitempty"`
	Contents    []string            `json:"contents"`
}

// importDocument keeps a file and reads it. One that breaks a rule is kept all the
// same: the answer says why nothing of it counts.
func (a *api) importDocument(r *http.Request, env eventstore.Envelope, in documentIn) (done, error) {
	creditor, err := a.knownCreditor(r)
	if err != nil {
		return done{}, err
	}
	if len(in.Content) == 0 {
		return done{}, domain.ErrBadDocument
	}
	if in.Name == "" {
		return done{}, domain.ErrBadDocumentName
	}
	all, err := a.Intake.Take(r.Context(), env.Actor, ledger.Document{
		Creditor: creditor, Name: in.Name, Channel: domain.ChannelUpload, Raw: in.Content, At: a.Clock().UTC(),
	})
	out := done{Outcome: ledger.Outcome{Repeated: true}}
	list := []importedJSON{}
	for _, i := range all {
		out.Position, out.Repeated = max(out.Position, i.Position), out.Repeated && i.Repeated
		list = append(list, importedJSON{i.Name, i.SHA256, i.Kind, i.Repeated, i.Quarantined, append([]string{}, i.Contents...)})
	}
	out.answer = map[string]any{"documents": list}
	return out, err
}

func (a *api) documents(r *http.Request) (any, eventstore.Position, error) {
	creditor, err := a.knownCreditor(r)
	if err != nil {
		return nil, 0, err
	}
	rows, at, err := a.Reconciled.Documents(r.Context(), creditor, documentsListed)
	out := []map[string]any{}
	for _, d := range rows {
		out = append(out, map[string]any{
			"name": d.Name, "sha256": d.SHA256, "kind": d.Kind, "channel": d.Channel, "size": d.Size, "state": d.State.Code(), "reason": d.Reason, "at": d.At,
		})
	}
	return map[string]any{"documents": out}, at, err
}

// original answers with the bytes of a document as they came, of one in quarantine too.
// A statement names everybody who paid: who fetches one is noted before.
func (a *api) original(w http.ResponseWriter, r *http.Request) {
	creditor, err := a.knownCreditor(r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	raw, filed, err := a.Ledger.Original(r.Context(), creditor, mux.Vars(r)["document"])
	if err != nil {
		a.fail(w, r, err)
		return
	}
	if err := a.noteAccess(r); err != nil {
		a.fail(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": filed.Name}))
	h.Set("Content-Length", strconv.Itoa(len(raw)))
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // a limit for reading a request would end a long answer as well
	to := &patient{w: w, control: http.NewResponseController(w)}
	for part := range slices.Chunk(raw, stretch) {
		if _, err := to.Write(part); err != nil {
			return // the caller went away
		}
	}
}

// What a person can do with a case.
const (
	actPropose = "propose" // that a movement belongs to the case's flow
	actConfirm = "confirm"
	actUndo    = "undo"
	actAccept  = "accept" // the case as it stands
	actReopen  = "reopen"
	actNote    = "note"
)

type caseIn struct {
	Subject  domain.Subject `json:"subject"`
	Action   string         `json:"action"`
	Movement string         `json:"movement"` // for propose, confirm and undo
	Reason   string         `json:"reason"`   // of a note, its text
	At       instant        `json:"at"`
}

// decideCase carries out a person's word about a case.
func (a *api) decideCase(r *http.Request, env eventstore.Envelope, in caseIn) (done, error) {
	creditor, err := a.knownCreditor(r)
	if err != nil {
		return done{}, err
	}
	at, err := a.when(in.At)
	if err != nil {
		return done{}, err
	}
	cmd, err := a.caseCommand(r.Context(), creditor, env, in, at)
	if err != nil {
		return done{}, err
	}
	out, err := a.Ledger.Case(r.Context(), env, creditor, in.Subject, cmd)
	return done{Outcome: out}, err
}

func (a *api) caseCommand(ctx context.Context, creditor domain.FiscalCode, env eventstore.Envelope, in caseIn, at time.Time) (domain.CaseCommand, error) {
	switch in.Action {
	case actPropose:
		m, _, err := a.Ledger.KnownMovement(ctx, creditor, in.Movement)
		m.By = domain.ByHand
		return domain.ProposeMatch{Creditor: creditor, Subject: in.Subject, Movement: m, Actor: env.Actor, Reason: in.Reason, FourEyes: a.FourEyes, At: at}, err
	case actConfirm:
		return domain.ConfirmMatch{Creditor: creditor, Subject: in.Subject, Movement: in.Movement, Actor: env.Actor, Reason: in.Reason, At: at}, nil
	case actUndo:
		return domain.UndoMatch{Creditor: creditor, Subject: in.Subject, Movement: in.Movement, Actor: env.Actor, Reason: in.Reason, At: at}, nil
	case actAccept:
		stake, err := a.stake(ctx, creditor, in.Subject)
		return domain.AcceptDifference{Creditor: creditor, Subject: in.Subject, Stake: stake, Actor: env.Actor, Reason: in.Reason, FourEyes: a.FourEyes, At: at}, err
	case actReopen:
		return domain.ReopenDifference{Creditor: creditor, Subject: in.Subject, Actor: env.Actor, Reason: in.Reason, At: at}, nil
	case actNote:
		return domain.AddCaseNote{
			Creditor: creditor, Subject: in.Subject, Note: uuid.NewSHA1(env.Command, []byte("note")).String(), Actor: env.Actor, Text: in.Reason,
			Holder: domain.CreditorSubject(creditor), At: at,
		}, nil
	}
	return nil, &domain.Refusal{Kind: domain.Invalid, Field: "action", Rule: "an action is propose, confirm, undo, accept, reopen or note"}
}

// stake is what is at stake when a case is accepted: the difference between flow and
// bank, or the whole of what is alone.
func (a *api) stake(ctx context.Context, creditor domain.FiscalCode, s domain.Subject) (domain.Money, error) {
	if id := s.Flow(); id != "" {
		_, book, _, err := a.flowOf(ctx, creditor, id, "")
		if err != nil {
			return 0, err
		}
		return reconciliation.Apart(book.Flows), nil
	}
	if id, ok := s.Movement(); ok {
		m, _, err := a.Ledger.KnownMovement(ctx, creditor, id)
		return m.Amount, err
	}
	id, ok := s.Receipt()
	if !ok {
		return 0, nil // the ledger says what is wrong with the subject
	}
	file, err := a.Ledger.KnownReceipt(ctx, creditor, id)
	if err != nil || len(file.Filed) == 0 {
		return 0, err
	}
	return file.Filed[0].Amount, nil
}

// findingJSON is an outcome with what is to be said of it.
type findingJSON struct {
	Outcome  reconciliation.Outcome `json:"outcome"`
	Title    string                 `json:"title"`
	Severity string                 `json:"severity"`
	Detail   string                 `json:"detail,omitempty"`
	Cause    string                 `json:"cause"`
	Next     string                 `json:"next"`
	Deadline time.Time              `json:"deadline,omitzero"`
}

func finding(f reconciliation.Finding) findingJSON {
	a := f.Outcome.Advice()
	return findingJSON{f.Outcome, a.Title, a.Severity.Code(), f.Detail, a.Cause, a.Next, f.Deadline}
}

type flowJSON struct {
	findingJSON
	Flow           string       `json:"flow"`
	PSP            string       `json:"psp"`
	PSPName        string       `json:"pspName,omitempty"`
	Created        time.Time    `json:"created"`
	Regulation     string       `json:"regulation"`
	RegulationDate domain.Date  `json:"regulationDate"`
	DeclaredCount  int64        `json:"declaredCount"`
	DeclaredTotal  domain.Money `json:"declaredTotal"`
	Count          int          `json:"count"`
	Total          domain.Money `json:"total"`
	Bank           domain.Money `json:"bank"` // what its credits leave on the account
	Versions       int          `json:"versions"`
}

func flowRow(f reconciliation.FlowResult) flowJSON {
	return flowJSON{
		finding(f.Finding), f.ID, f.PSP, f.PSPName, f.Created, f.Regulation, f.RegulationDate,
		f.DeclaredCount, f.DeclaredTotal, f.Count, f.Sum, f.Net, 1 + len(f.Replaced),
	}
}

type takingJSON struct {
	findingJSON
	Receipt domain.ReceiptID    `json:"receipt"`
	Notice  domain.NoticeNumber `json:"notice"`
	Amount  domain.Money        `json:"amount"`
	PSP     string              `json:"psp"`
	PaidAt  time.Time           `json:"paidAt"`
}

type creditJSON struct {
	findingJSON
	Movement  string       `json:"movement"`
	Amount    domain.Money `json:"amount"`
	Reversal  bool         `json:"reversal"`
	Booked    domain.Date  `json:"booked"`
	TRN       string       `json:"trn,omitempty"`
	Proposals []string     `json:"proposals"`
}

// usualSpan is how many days are shown where nobody says.
const usualSpan = 30

// span reads from and to of the query.
func (a *api) span(r *http.Request) (domain.Period, error) {
	today := a.Clock().In(domain.Rome)
	p := domain.Period{
		From: domain.Date(cmp.Or(r.URL.Query().Get("from"), string(domain.DateOf(today.AddDate(0, 0, -usualSpan))))),
		To:   domain.Date(cmp.Or(r.URL.Query().Get("to"), string(domain.DateOf(today)))),
	}
	if !p.Valid() || p.To.Time().Sub(p.From.Time()) > 400*24*time.Hour {
		return p, invalid("from", "from and to are days written yyyy-mm-dd, in order, at most 400 days apart")
	}
	return p, nil
}

func (a *api) terms(ctx context.Context, creditor domain.FiscalCode) (reconciliation.Terms, error) {
	body, err := a.Ledger.KnownCreditor(ctx, creditor)
	return reconciliation.Terms{Segregation: body.Profile.Segregation, Now: a.Clock()}, err
}

// reconcile shows a span of days, differences first.
func (a *api) reconcile(r *http.Request) (any, eventstore.Position, error) {
	creditor, err := a.knownCreditor(r)
	if err != nil {
		return nil, 0, err
	}
	span, err := a.span(r)
	if err != nil {
		return nil, 0, err
	}
	book, at, err := a.bookOf(r, creditor)
	if err != nil {
		return nil, 0, err
	}
	flows, takings, credits := []flowJSON{}, []takingJSON{}, []creditJSON{}
	for _, f := range book.Flows {
		flows = append(flows, flowRow(f))
	}
	for _, t := range book.Receipts {
		takings = append(takings, takingJSON{finding(t.Finding), t.ID, t.Notice, t.Amount, t.PSP, t.PaidAt})
	}
	for _, c := range book.Credits {
		credits = append(credits, creditJSON{finding(c.Finding), c.Movement, c.Amount, c.Reversal, c.Booked, c.TRN, append([]string{}, c.Proposals...)})
	}
	worstFirst(flows)
	worstFirst(takings)
	worstFirst(credits)
	return map[string]any{"from": span.From, "to": span.To, "flows": flows, "receipts": takings, "credits": credits}, at, nil
}

func (f findingJSON) rank() int {
	return slices.Index(reconciliation.Outcomes(), f.Outcome)
}

func worstFirst[T interface{ rank() int }](all []T) {
	slices.SortStableFunc(all, func(x, y T) int { return cmp.Compare(x.rank(), y.rank()) })
}

// flowOf is one flow as it stands: of several PSPs' that have the id that of the PSP, else
// the one made last.
func (a *api) flowOf(ctx context.Context, creditor domain.FiscalCode, id, psp string) (reconciliation.FlowResult, reconciliation.Book, eventstore.Position, error) {
	terms, err := a.terms(ctx, creditor)
	if err != nil {
		return reconciliation.FlowResult{}, reconciliation.Book{}, 0, err
	}
	facts, at, err := a.Reconciled.FlowFacts(ctx, creditor, id)
	if err != nil {
		return reconciliation.FlowResult{}, reconciliation.Book{}, 0, err
	}
	book := reconciliation.Match(facts, terms)
	if len(book.Flows) == 0 {
		return reconciliation.FlowResult{}, book, at, domain.ErrUnknownFlow
	}
	i := slices.IndexFunc(book.Flows, func(f reconciliation.FlowResult) bool { return f.PSP == psp })
	if i < 0 {
		i = len(book.Flows) - 1
	}
	return book.Flows[i], book, at, nil
}

// flow shows one flow with its lines, its credits, its earlier versions and what people
// said of it.
func (a *api) flow(r *http.Request) (any, eventstore.Position, error) {
	creditor, err := a.knownCreditor(r)
	if err != nil {
		return nil, 0, err
	}
	id := mux.Vars(r)["flow"]
	f, _, at, err := a.flowOf(r.Context(), creditor, id, r.URL.Query().Get("psp"))
	if err != nil {
		return nil, 0, err
	}
	word, _, err := a.Reconciled.CaseWord(r.Context(), creditor, domain.SubjectOfFlow(id))
	if err != nil {
		return nil, 0, err
	}
	return wholeFlow(f, word), at, nil
}

func wholeFlow(f reconciliation.FlowResult, word projections.CaseWord) map[string]any {
	lines, credits, versions, notes := []map[string]any{}, []map[string]any{}, []map[string]any{}, []map[string]any{}
	for _, l := range f.Found {
		lines = append(lines, lineJSON(l))
	}
	for _, c := range f.Credits {
		credits = append(credits, movementJSON(c, false))
	}
	for _, c := range f.Waiting {
		credits = append(credits, movementJSON(c, true))
	}
	for _, v := range f.Replaced {
		versions = append(versions, map[string]any{
			"created": v.Created, "count": v.Count, "total": v.Sum, "difference": f.Sum - v.Sum, "lines": f.Count - v.Count,
		})
	}
	for _, n := range word.Notes {
		notes = append(notes, map[string]any{"actor": n.Actor, "text": n.Text, "at": n.At})
	}
	return map[string]any{
		"flow": flowRow(f), "lines": lines, "credits": credits, "replaced": versions, "notes": notes,
		"accepted": word.Accepted, "waits": word.Waits, "actor": word.Actor, "reason": word.Reason,
	}
}

func lineJSON(l reconciliation.LineResult) map[string]any {
	out := map[string]any{
		"number": l.Number, "iuv": l.IUV, "iur": l.FlowLine.Receipt, "index": l.Index, "amount": l.Amount, "code": l.FlowLine.Outcome, "date": l.Date,
		"outcome": l.Finding.Outcome, "title": l.Finding.Outcome.Advice().Title, "severity": l.Finding.Outcome.Severity().Code(), "detail": l.Detail,
	}
	if l.Receipt != nil {
		out["notice"] = l.Receipt.Notice
	}
	return out
}

func movementJSON(m domain.CaseMovement, waits bool) map[string]any {
	return map[string]any{
		"movement": m.Movement, "amount": m.Amount, "reversal": m.Reversal, "booked": m.Booked, "trn": m.TRN, "foundBy": m.By, "waits": waits,
	}
}

// bankLine says who paid a line of the bank's: its flow, and the flow's lines.
func (a *api) bankLine(r *http.Request) (any, eventstore.Position, error) {
	creditor, err := a.knownCreditor(r)
	if err != nil {
		return nil, 0, err
	}
	id, err := url.PathUnescape(mux.Vars(r)["movement"])
	if err != nil {
		return nil, 0, domain.ErrUnknownMovement
	}
	line, at, err := a.Reconciled.BankLine(r.Context(), creditor, id)
	if err != nil {
		return nil, 0, err
	}
	out := map[string]any{"movement": movementJSON(line.CaseMovement, line.Standing == domain.MatchWaits), "from": line.From, "causale": line.Causale, "document": line.Document}
	if line.Matched != "" {
		f, _, _, err := a.flowOf(r.Context(), creditor, line.Matched, "")
		if err != nil {
			return nil, 0, err
		}
		lines := []map[string]any{}
		for _, l := range f.Found {
			lines = append(lines, lineJSON(l))
		}
		out["flow"], out["lines"] = flowRow(f), lines
	}
	return out, at, nil
}

// whereIsMyMoney follows a notice: its receipts, the flows that name them, and the
// bank's credits of those.
func (a *api) whereIsMyMoney(r *http.Request) (any, eventstore.Position, error) {
	creditor, err := a.knownCreditor(r)
	if err != nil {
		return nil, 0, err
	}
	notice, err := noticeOf(r)
	if err != nil {
		return nil, 0, err
	}
	takings, named, at, err := a.Reconciled.TakingsOf(r.Context(), creditor, notice)
	if err != nil {
		return nil, 0, err
	}
	receipts := []map[string]any{}
	for _, t := range takings {
		flows := []map[string]any{}
		for _, id := range named[t.ID] {
			f, _, _, err := a.flowOf(r.Context(), creditor, id, t.PSP)
			if err != nil {
				return nil, 0, err
			}
			credits := []map[string]any{}
			for _, c := range f.Credits {
				credits = append(credits, movementJSON(c, false))
			}
			flows = append(flows, map[string]any{"flow": flowRow(f), "credits": credits})
		}
		receipts = append(receipts, map[string]any{
			"receipt": t.ID, "amount": t.Amount, "psp": t.PSP, "paidAt": t.PaidAt, "filed": t.Filed, "flows": flows,
		})
	}
	return map[string]any{"notice": notice, "receipts": receipts}, at, nil
}
