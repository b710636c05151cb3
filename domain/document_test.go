package domain_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/domaintest"
)

var (
	holder   = domain.CreditorSubject(comune)
	filePart = domain.FilePart{Creditor: comune, Packed: []byte("abc"), Subject: holder, At: at}

	documentPart = domain.DocumentPart(filePart)
	fileDocument = domain.FileDocument{FilePart: filePart, Name: "flusso.xml", SHA256: "aa", Size: 9, Channel: domain.ChannelUpload}

	documentFiled = domain.DocumentFiled{Creditor: comune, Name: "flusso.xml", SHA256: "aa", Size: 9, Parts: 1, Channel: domain.ChannelUpload, At: at}

	acceptDocument      = domain.AcceptDocument{Creditor: comune, SHA256: "aa", Kind: domain.DocumentFlow, Contents: []string{"k1"}, At: later}
	documentAccepted    = domain.DocumentAccepted(acceptDocument)
	quarantineDocument  = domain.QuarantineDocument{Creditor: comune, SHA256: "aa", Name: "flusso.xml", Kind: domain.DocumentFlow, Reason: "riga 3", At: later}
	documentQuarantined = domain.DocumentQuarantined(quarantineDocument)

	fileFlow = domain.FileFlow{
		FlowVersion: domain.FlowVersion{Creditor: comune, PSP: "PROVAIT1XXX", ID: "2020-02-14PROVA-1", Created: at},
		Regulation:  "trn", RegulationDate: "2020-02-14", DeclaredCount: 1, DeclaredTotal: 5733,
		Lines:    []domain.FlowLine{{IUV: notice.IUV(), Receipt: "rt-1", Index: 1, Amount: 5733, Date: "2020-02-12"}},
		Document: "aa", At: at,
	}.Totalled()
	flowLinesFiled = domain.FlowLinesFiled{Creditor: comune, Flow: fileFlow.Key(), Lines: fileFlow.Lines, At: at}
	flowFiled      = domain.FlowFiled{
		Creditor: comune, Flow: fileFlow.Key(), PSP: "PROVAIT1XXX", ID: "2020-02-14PROVA-1", Created: at, Regulation: "trn", RegulationDate: "2020-02-14",
		DeclaredCount: 1, DeclaredTotal: 5733, Count: 1, Sum: 5733, Distinct: 5733, Parts: 1, Digest: fileFlow.Digest, Document: "aa", At: at,
	}

	statementID   = domain.StatementID{UUID: uuid.MustParse("886313e1-3b8a-4372-9b90-0c9aee199e5d")}
	fileMovements = domain.FileMovements{
		Creditor: comune, Statement: statementID,
		Movements: []domain.Movement{{Number: 1, Amount: 5733, Booked: "2020-02-14", Value: "2020-02-14", Flows: []string{"F1"}, PagoPA: true}},
		Texts:     []domain.MovementText{{Number: 1, From: "Sempronio Verdi", Causale: "mensa"}}, Subject: holder, At: at,
	}
	movementsFiled = domain.MovementsFiled(fileMovements)
	fileStatement  = domain.FileStatement{
		FileMovements: fileMovements, Kind: domain.DocumentCamt053, Name: "S1", Account: "IT60X0542811101000000123456",
		From: "2020-02-14", To: "2020-02-14", Other: 2, OtherSum: 100, Document: "aa",
	}
	statementFiled = domain.StatementFiled{
		Creditor: comune, Statement: statementID, Kind: domain.DocumentCamt053, Name: "S1", Account: "IT60X0542811101000000123456",
		From: "2020-02-14", To: "2020-02-14", Parts: 1, Other: 2, OtherSum: 100, Document: "aa", At: at,
	}
)

func TestADocumentIsKeptWhole(t *testing.T) {
	type facts = []domain.DocumentEvent
	second := but(fileDocument, func(c *domain.FileDocument) { c.Number = 1 })
	domaintest.Run[domain.Document](t, []domaintest.Case[domain.DocumentCommand, domain.DocumentEvent]{
		{Name: "in one part", When: fileDocument, Then: facts{documentPart, documentFiled}},
		{Name: "once", Given: facts{documentPart, documentFiled}, When: fileDocument},
		{Name: "part by part", When: filePart, Then: facts{documentPart}},
		{Name: "each part once", Given: facts{documentPart}, When: filePart},
		{Name: "after its last part was cut off from its end", Given: facts{documentPart}, When: fileDocument, Then: facts{documentFiled}},
		{Name: "of two parts", Given: facts{documentPart}, When: second, Then: facts{
			domain.DocumentPart(second.FilePart), but(documentFiled, func(e *domain.DocumentFiled) { e.Parts = 2 }),
		}},
		{Name: "and not without one of them", When: second, Refusal: domain.ErrDocumentCut},
		{Name: "and not without bytes", When: but(fileDocument, func(c *domain.FileDocument) { c.Packed = nil }), Refusal: domain.ErrBadDocument},
		{Name: "and no part without bytes", When: but(filePart, func(c *domain.FilePart) { c.Packed = nil }), Refusal: domain.ErrBadDocument},
		{Name: "with a name", When: but(fileDocument, func(c *domain.FileDocument) { c.Name = "" }), Refusal: domain.ErrBadDocumentName},
		{Name: "and read", Given: facts{documentPart, documentFiled}, When: acceptDocument, Then: facts{documentAccepted}},
		{Name: "and read once", Given: facts{documentAccepted}, When: acceptDocument},
		{Name: "and not read", Given: facts{documentPart, documentFiled}, When: quarantineDocument, Then: facts{documentQuarantined}},
		{Name: "and not read again", Given: facts{documentQuarantined}, When: quarantineDocument},
		{Name: "and read by a later program", Given: facts{documentQuarantined}, When: acceptDocument, Then: facts{documentAccepted}},
		{Name: "and what was read is not put away", Given: facts{documentAccepted}, When: quarantineDocument},
	})
}

func TestADocumentIsUnpackedAsItWasPacked(t *testing.T) {
	raw := make([]byte, 3<<20)
	state := uint64(1)
	for i := range raw { // it does not compress
		state = state*6364136223846793005 + 1442695040888963407
		raw[i] = byte(state >> 56)
	}
	parts := domain.PackDocument(raw)
	if len(parts) < 2 {
		t.Fatalf("%d parts", len(parts))
	}
	got, err := domain.UnpackDocument(bytes.NewReader(bytes.Join(parts, nil)))
	if err != nil || !bytes.Equal(got, raw) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if _, err := domain.UnpackDocument(bytes.NewReader([]byte("abc"))); err == nil {
		t.Error("what was not packed is unpacked")
	}
}

func TestAFlowIsFiled(t *testing.T) {
	type facts = []domain.FlowEvent
	part := domain.FileFlowLines{Creditor: comune, Flow: fileFlow.Key(), Lines: fileFlow.Lines, At: at}
	with := func(change func(*domain.FileFlow)) domain.FileFlow { return but(fileFlow, change) }
	domaintest.Run[domain.Flow](t, []domaintest.Case[domain.FlowCommand, domain.FlowEvent]{
		{Name: "with its lines", When: fileFlow, Then: facts{flowLinesFiled, flowFiled}},
		{Name: "once", Given: facts{flowLinesFiled, flowFiled}, When: fileFlow},
		{Name: "from another document", Given: facts{flowLinesFiled, flowFiled}, When: with(func(c *domain.FileFlow) { c.Document = "bb" })},
		{Name: "part by part", When: part, Then: facts{flowLinesFiled}},
		{Name: "each part once", Given: facts{flowLinesFiled}, When: part},
		{Name: "after its end was cut off", Given: facts{flowLinesFiled}, When: fileFlow, Then: facts{flowFiled}},
		{Name: "and not without a part", When: with(func(c *domain.FileFlow) { c.Part = 1 }), Refusal: domain.ErrFlowCut},
		{Name: "and not when it says something else at the same time", Given: facts{flowLinesFiled, flowFiled},
			When: with(func(c *domain.FileFlow) { c.Digest = "other" }), Refusal: domain.ErrOtherFlow},
		{Name: "with an id", When: with(func(c *domain.FileFlow) { c.ID = "a b" }), Refusal: domain.ErrBadFlow},
		{Name: "with a time", When: with(func(c *domain.FileFlow) { c.Created = time.Time{} }), Refusal: domain.ErrBadFlow},
		{Name: "with positive amounts", When: with(func(c *domain.FileFlow) {
			c.Lines = []domain.FlowLine{{IUV: "1", Receipt: "r", Index: 1, Amount: -1}}
		}), Refusal: domain.ErrBadFlow},
	})
}

func TestAFlowTotalsWhatItsLinesSay(t *testing.T) {
	one := domain.FlowLine{IUV: "1", Receipt: "r", Index: 1, Amount: 100}
	back := domain.FlowLine{IUV: "2", Receipt: "s", Index: 1, Amount: 30, Outcome: domain.FlowRevoked}
	got := domain.FileFlow{Lines: []domain.FlowLine{one, one, back}}.Totalled()
	if got.Count != 3 || got.Sum != 230 || got.Distinct != 130 || got.Revoked != 30 {
		t.Errorf("%+v", got)
	}
	if !domain.FlowNoReceipt.Proves() || domain.FlowExecuted.Proves() {
		t.Error("codes 8 and 9 prove a payment, and no other")
	}
}

func TestAStatementIsFiled(t *testing.T) {
	type facts = []domain.StatementEvent
	domaintest.Run[domain.Statement](t, []domaintest.Case[domain.StatementCommand, domain.StatementEvent]{
		{Name: "with its movements", When: fileStatement, Then: facts{movementsFiled, statementFiled}},
		{Name: "once", Given: facts{movementsFiled, statementFiled}, When: fileStatement},
		{Name: "part by part", When: fileMovements, Then: facts{movementsFiled}},
		{Name: "each part once", Given: facts{movementsFiled}, When: fileMovements},
		{Name: "after its end was cut off", Given: facts{movementsFiled}, When: fileStatement, Then: facts{statementFiled}},
		{Name: "and not without a part", When: but(fileStatement, func(c *domain.FileStatement) { c.Part = 1 }), Refusal: domain.ErrStatementCut},
		{Name: "of an account", When: but(fileStatement, func(c *domain.FileStatement) { c.Account = "" }), Refusal: domain.ErrBadStatement},
		{Name: "with positive amounts", When: but(fileStatement, func(c *domain.FileStatement) { c.Movements = []domain.Movement{{Amount: -1}} }), Refusal: domain.ErrBadStatement},
	})
}
