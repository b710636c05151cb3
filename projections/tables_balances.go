package projections

// Columns of Accounts.
const (
	accountCreditor = iota
	accountName
	accountDebit
	accountCredit
)

// Accounts are the sums of everything posted, per creditor and account.
var Accounts = &Table{Name: "accounts", Keys: 2, Columns: []Column{
	accountCreditor: {Name: "creditor"},
	accountName:     {Name: "account"},
	accountDebit:    {Name: "debit", Kind: Money, Sum: true},
	accountCredit:   {Name: "credit", Kind: Money, Sum: true},
}}

// Columns of ParentSaldo.
const (
	parentSaldoParent = iota
	parentSaldoCreditor
	parentSaldoIssued
	parentSaldoPaid
	parentSaldoCancelled
	parentSaldoWrittenOff
	parentSaldoSaldo
)

// ParentSaldo is the saldo bollettini of each parent with each creditor: paid,
// cancelled and written off less issued.
var ParentSaldo = &Table{Name: "parent_saldo", Keys: 2, Columns: []Column{
	parentSaldoParent:     {Name: "parent"},
	parentSaldoCreditor:   {Name: "creditor"},
	parentSaldoIssued:     {Name: "issued", Kind: Money, Sum: true},
	parentSaldoPaid:       {Name: "paid", Kind: Money, Sum: true},
	parentSaldoCancelled:  {Name: "cancelled", Kind: Money, Sum: true},
	parentSaldoWrittenOff: {Name: "written_off", Kind: Money, Sum: true},
	parentSaldoSaldo:      {Name: "saldo", Kind: Money, Sum: true},
}}

// Columns of ConsumerSaldo.
const (
	consumerSaldoParent = iota
	consumerSaldoConsumer
	consumerSaldoSaldo
)

// ConsumerSaldo is a child's share of a parent's saldo bollettini. It is kept per
// parent because one parent is not told the debts of another.
var ConsumerSaldo = &Table{Name: "consumer_saldo", Keys: 2, Columns: []Column{
	consumerSaldoParent:   {Name: "parent"},
	consumerSaldoConsumer: {Name: "consumer"},
	consumerSaldoSaldo:    {Name: "saldo", Kind: Money, Sum: true},
}}

// Columns of Wallets.
const (
	walletConsumer = iota
	walletBalance
)

// Wallets are the prepaid balances: top-ups less meals, over all school years.
var Wallets = &Table{Name: "wallets", Keys: 1, Columns: []Column{
	walletConsumer: {Name: "consumer"},
	walletBalance:  {Name: "balance", Kind: Money, Sum: true},
}}

// Columns of TopUps.
const (
	topUpConsumer = iota
	topUpDay
	topUpPosition
	topUpAmount
	topUpCredit
	topUpRecorded
	topUpCreditor
)

// TopUps are the movements into wallets, in the order of their days and then of
// the log.
var TopUps = &Table{Name: "top_ups", Keys: 3, Columns: []Column{
	topUpConsumer: {Name: "consumer"},
	topUpDay:      {Name: "day", Kind: Date},
	topUpPosition: {Name: "position", Kind: Integer},
	topUpAmount:   {Name: "amount", Kind: Money},
	topUpCredit:   {Name: "credit"},
	topUpRecorded: {Name: "recorded", Kind: Time},
	topUpCreditor: {Name: "creditor"},
}, Indexes: []Index{{Name: "top_ups_by_day", Columns: []string{"creditor", "day"}}}}

// Columns of Meals.
const (
	mealConsumer = iota
	mealDay
	mealPosition
	mealAmount
	mealCreditor
	mealService
	mealRecorded
)

// Meals are the movements out of wallets, in the order of their days and then of
// the log.
var Meals = &Table{Name: "meals", Keys: 3, Columns: []Column{
	mealConsumer: {Name: "consumer"},
	mealDay:      {Name: "day", Kind: Date},
	mealPosition: {Name: "position", Kind: Integer},
	mealAmount:   {Name: "amount", Kind: Money},
	mealCreditor: {Name: "creditor"},
	mealService:  {Name: "service"},
	mealRecorded: {Name: "recorded", Kind: Time},
}}
