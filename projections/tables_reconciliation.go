package projections

// Columns of Flows.
const (
	flowCreditor = iota
	flowVersion
	flowKey
	flowID
	flowPSP
	flowPSPName
	flowCreated
	flowRegulation
	flowRegulationDate
	flowDeclaredCount
	flowDeclaredTotal
	flowCount
	flowSum
	flowDistinct
	flowRevoked
	flowDocument
	flowFiledAt
)

// Flows are the versions of flows. Version is the beginning of the key, by which lines
// find theirs.
var Flows = &Table{Name: "flows", Keys: 2, Columns: []Column{
	flowCreditor:       {Name: "creditor"},
	flowVersion:        {Name: "version"},
	flowKey:            {Name: "flow_key"},
	flowID:             {Name: "id"},
	flowPSP:            {Name: "psp"},
	flowPSPName:        {Name: "psp_name"},
	flowCreated:        {Name: "created", Kind: Time},
	flowRegulation:     {Name: "regulation"},
	flowRegulationDate: {Name: "regulation_date", Kind: Date},
	flowDeclaredCount:  {Name: "declared_count", Kind: Integer},
	flowDeclaredTotal:  {Name: "declared_total", Kind: Money},
	flowCount:          {Name: "lines", Kind: Integer},
	flowSum:            {Name: "total", Kind: Money},
	flowDistinct:       {Name: "distinct_total", Kind: Money},
	flowRevoked:        {Name: "revoked_total", Kind: Money},
	flowDocument:       {Name: "document"},
	flowFiledAt:        {Name: "filed_at", Kind: Time},
}, Indexes: []Index{
	{Name: "flows_by_day", Columns: []string{"creditor", "regulation_date"}},
	{Name: "flows_by_id", Columns: []string{"id", "creditor"}},
}}

// Columns of FlowLines.
const (
	flowLineVersion = iota
	flowLineNumber
	flowLineCreditor
	flowLineIUV
	flowLineReceipt
	flowLineIndex
	flowLineAmount
	flowLineOutcome
	flowLineDate
)

// FlowLines are the lines of every version of a flow. They are there before the flow
// is: its row comes last.
var FlowLines = &Table{Name: "flow_lines", Keys: 2, Columns: []Column{
	flowLineVersion:  {Name: "version"},
	flowLineNumber:   {Name: "number", Kind: Integer},
	flowLineCreditor: {Name: "creditor"},
	flowLineIUV:      {Name: "iuv"},
	flowLineReceipt:  {Name: "receipt"},
	flowLineIndex:    {Name: "transfer", Kind: Integer},
	flowLineAmount:   {Name: "amount", Kind: Money},
	flowLineOutcome:  {Name: "outcome", Kind: Integer},
	flowLineDate:     {Name: "paid_on", Kind: Date},
}, Indexes: []Index{{Name: "flow_lines_by_receipt", Columns: []string{"receipt", "creditor"}}}}

// Columns of Takings.
const (
	takingCreditor = iota
	takingReceipt
	takingNotice
	takingIssuer
	takingAmount
	takingPSP
	takingPaidAt
	takingFiled
	takingSecond
	takingTransit
	takingSettledOn
	takingSettled
	takingFlow
	takingMovement
	takingSettledNotice
)

// Takings are the payments that the ledger knows of, by their receipts. Filed is 1 when
// the receipt itself is here, second when the notice had been paid. Transit is what of the
// payment is on the account pagopa:transit: negative when the bank had the money before
// the ledger knew of the payment. SettledOn is the day the bank booked it, Settled what of it; Flow, Movement and
// SettledNotice say in which flow, with which credit and for which notice.
var Takings = &Table{Name: "takings", Keys: 2, Columns: []Column{
	takingCreditor:  {Name: "creditor"},
	takingReceipt:   {Name: "receipt"},
	takingNotice:    {Name: "notice", Kind: Integer},
	takingIssuer:    {Name: "issuer"},
	takingAmount:    {Name: "amount", Kind: Money},
	takingPSP:       {Name: "psp"},
	takingPaidAt:    {Name: "paid_at", Kind: Time},
	takingFiled:     {Name: "filed", Kind: Integer},
	takingSecond:    {Name: "second", Kind: Integer},
	takingTransit:   {Name: "transit", Kind: Money, Sum: true},
	takingSettledOn: {Name: "settled_on", Kind: Date},
	takingSettled:   {Name: "settled", Kind: Money, Sum: true},
	takingFlow:      {Name: "settled_flow"},
	takingMovement:  {Name: "settled_movement"},

	takingSettledNotice: {Name: "settled_notice", Kind: Integer},
}, Indexes: []Index{
	{Name: "takings_by_settlement", Columns: []string{"creditor", "settled_on"}},
	{Name: "takings_by_day", Columns: []string{"creditor", "paid_at"}},
	{Name: "takings_by_notice", Columns: []string{"notice", "creditor"}},
}}

// Columns of TakingShares.
const (
	shareCreditor = iota
	shareReceipt
	shareOf
	shareNotice
	shareAmount
)

// What money is for, in TakingShares, where it is not a service's, whose codes have no
// star.
const (
	ShareToAttribute = "*suspense"
	ShareToRefund    = "*credit"
)

// TakingShares say what the money of each payment is for: a service of the notice's
// bulletin, or one of the words above. They add up to what was paid, less what was
// disowned or revoked.
var TakingShares = &Table{Name: "taking_shares", Keys: 3, Columns: []Column{
	shareCreditor: {Name: "creditor"},
	shareReceipt:  {Name: "receipt"},
	shareOf:       {Name: "share"},
	shareNotice:   {Name: "notice", Kind: Integer},
	shareAmount:   {Name: "amount", Kind: Money, Sum: true},
}}

// Columns of BankLines.
const (
	movementCreditor = iota
	movementID
	movementAmount
	movementReversal
	movementBooked
	movementValue
	movementTRN
	movementDocument
	movementIUV
	movementFlows
	movementPagoPA
	movementFrom
	movementCausale
)

// BankLines are the lines of the treasurer's statements that bring money. Flows are
// the ids that the causale may mean, a blank between them.
var BankLines = &Table{Name: "bank_lines", Keys: 2, Columns: []Column{
	movementCreditor: {Name: "creditor"},
	movementID:       {Name: "id"},
	movementAmount:   {Name: "amount", Kind: Money},
	movementReversal: {Name: "reversal", Kind: Integer},
	movementBooked:   {Name: "booked", Kind: Date},
	movementValue:    {Name: "value", Kind: Date},
	movementTRN:      {Name: "trn"},
	movementDocument: {Name: "document"},
	movementIUV:      {Name: "iuv"},
	movementFlows:    {Name: "flows"},
	movementPagoPA:   {Name: "pagopa", Kind: Integer},
	movementFrom:     {Name: "sender"},
	movementCausale:  {Name: "causale"},
}, Indexes: []Index{{Name: "bank_lines_by_day", Columns: []string{"creditor", "booked"}}}}

// Columns of Matches.
const (
	matchCreditor = iota
	matchMovement
	matchFlow
	matchBy
	matchStanding
	matchActor
	matchReason
	matchAt
)

// Matches are the flows that a movement was taken for. Standing is a
// domain.MatchStands.
var Matches = &Table{Name: "matches", Keys: 3, Columns: []Column{
	matchCreditor: {Name: "creditor"},
	matchMovement: {Name: "movement"},
	matchFlow:     {Name: "flow"},
	matchBy:       {Name: "found_by"},
	matchStanding: {Name: "standing", Kind: Integer},
	matchActor:    {Name: "actor"},
	matchReason:   {Name: "reason"},
	matchAt:       {Name: "at", Kind: Time},
}, Indexes: []Index{{Name: "matches_by_flow", Columns: []string{"flow", "creditor"}}}}

// Columns of Cases.
const (
	caseCreditor = iota
	caseSubject
	caseAccepted
	caseActor
	caseReason
	caseSettled
	caseAt
	caseDifference
)

// Cases are what a person accepted as it stands (1, or 2 while a second person has to),
// and flows whose money the bank has, with what they have more than the bank.
var Cases = &Table{Name: "cases", Keys: 2, Columns: []Column{
	caseCreditor: {Name: "creditor"},
	caseSubject:  {Name: "subject"},
	caseAccepted: {Name: "accepted", Kind: Integer},
	caseActor:    {Name: "actor"},
	caseReason:   {Name: "reason"},
	caseSettled:  {Name: "settled", Kind: Integer},
	caseAt:       {Name: "at", Kind: Time},

	caseDifference: {Name: "difference", Kind: Money, Sum: true},
}}

// Columns of CaseNotes.
const (
	noteCreditor = iota
	noteSubject
	noteID
	noteActor
	noteText
	noteAt
)

// CaseNotes are what people wrote about cases.
var CaseNotes = &Table{Name: "case_notes", Keys: 3, Columns: []Column{
	noteCreditor: {Name: "creditor"},
	noteSubject:  {Name: "subject"},
	noteID:       {Name: "id"},
	noteActor:    {Name: "actor"},
	noteText:     {Name: "text"},
	noteAt:       {Name: "at", Kind: Time},
}}

// Columns of Documents.
const (
	documentCreditor = iota
	documentSHA256
	documentName
	documentKind
	documentChannel
	documentSize
	documentState
	documentReason
	documentAt
)

// Documents are the files that came, and what became of each: see DocumentState.
var Documents = &Table{Name: "documents", Keys: 2, Columns: []Column{
	documentCreditor: {Name: "creditor"},
	documentSHA256:   {Name: "sha256"},
	documentName:     {Name: "name"},
	documentKind:     {Name: "kind"},
	documentChannel:  {Name: "channel"},
	documentSize:     {Name: "size", Kind: Integer},
	documentState:    {Name: "state", Kind: Integer},
	documentReason:   {Name: "reason"},
	documentAt:       {Name: "at", Kind: Time},
}, Indexes: []Index{{Name: "documents_by_time", Columns: []string{"creditor", "at"}}}}
