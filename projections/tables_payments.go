package projections

// Columns of Payments.
const (
	paymentID = iota
	paymentCreditor
	paymentParent
	paymentCategory
	paymentTotal
	paymentSaldo
	paymentSaldoFinale
	paymentStage
	paymentSelectedAt
	paymentNoticedAt
	paymentStartedAt
	paymentReturnedAt
	paymentCompletedAt
	paymentSelectedPosition
)

// Payments are the carts. Stage is a Stage other than Completed, and completed_at
// says that.
var Payments = &Table{Name: "payments", Keys: 1, Columns: []Column{
	paymentID:          {Name: "id"},
	paymentCreditor:    {Name: "creditor"},
	paymentParent:      {Name: "parent"},
	paymentCategory:    {Name: "category"},
	paymentTotal:       {Name: "total", Kind: Money},
	paymentSaldo:       {Name: "saldo", Kind: Money},
	paymentSaldoFinale: {Name: "saldo_finale", Kind: Money},
	paymentStage:       {Name: "stage", Kind: Integer},
	paymentSelectedAt:  {Name: "selected_at", Kind: Time},
	paymentNoticedAt:   {Name: "noticed_at", Kind: Time},
	paymentStartedAt:   {Name: "started_at", Kind: Time},
	paymentReturnedAt:  {Name: "returned_at", Kind: Time},
	paymentCompletedAt: {Name: "completed_at", Kind: Time},

	paymentSelectedPosition: {Name: "selected_position", Kind: Integer},
}, Indexes: []Index{
	{Name: "payments_started", Columns: []string{"parent", "started_at"}},
}}

// Columns of PaymentLines.
const (
	paymentLinePayment = iota
	paymentLineNumber
	paymentLineCreditor
	paymentLineNotice
	paymentLineAmount
)

// PaymentLines are the bulletins in each cart, numbered from 1 as they were
// ticked.
var PaymentLines = &Table{Name: "payment_lines", Keys: 2, Columns: []Column{
	paymentLinePayment:  {Name: "payment"},
	paymentLineNumber:   {Name: "line", Kind: Integer},
	paymentLineCreditor: {Name: "creditor"},
	paymentLineNotice:   {Name: "notice", Kind: Integer},
	paymentLineAmount:   {Name: "amount", Kind: Money},
}, Indexes: []Index{
	{Name: "payment_lines_notice", Columns: []string{"creditor", "notice"}},
}}
