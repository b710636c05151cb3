package projections

// Columns of Creditors.
const (
	creditorCode = iota
	creditorName
	creditorOffice
	creditorBroker
	creditorStation
	creditorSegregation
	creditorCBILL
	creditorIBAN
	creditorPostalNumber
	creditorPostalHolder
	creditorPostalAuthorisation
	creditorPostalIBAN
)

// Creditors are the bodies that raise bulletins.
var Creditors = &Table{Name: "creditors", Keys: 1, Columns: []Column{
	creditorCode:        {Name: "fiscal_code"},
	creditorName:        {Name: "name"},
	creditorOffice:      {Name: "office"},
	creditorBroker:      {Name: "broker"},
	creditorStation:     {Name: "station"},
	creditorSegregation: {Name: "segregation", Kind: Integer},
	creditorCBILL:       {Name: "cbill"},
	creditorIBAN:        {Name: "iban"},

	creditorPostalNumber:        {Name: "postal_number"},
	creditorPostalHolder:        {Name: "postal_holder"},
	creditorPostalAuthorisation: {Name: "postal_authorisation"},
	creditorPostalIBAN:          {Name: "postal_iban"},
}}

// Columns of Categories.
const (
	categoryCreditor = iota
	categoryCode
	categoryName
)

// Categories are the categorie di pagamento of each creditor.
var Categories = &Table{Name: "categories", Keys: 2, Columns: []Column{
	categoryCreditor: {Name: "creditor"},
	categoryCode:     {Name: "code"},
	categoryName:     {Name: "name"},
}}

// Columns of Services.
const (
	serviceCreditor = iota
	serviceCode
	serviceName
	serviceTaxonomy
	serviceChapter
)

// Services are what each creditor bills for.
var Services = &Table{Name: "services", Keys: 2, Columns: []Column{
	serviceCreditor: {Name: "creditor"},
	serviceCode:     {Name: "code"},
	serviceName:     {Name: "name"},
	serviceTaxonomy: {Name: "taxonomy"},
	serviceChapter:  {Name: "chapter"},
}}

// Columns of Parents.
const (
	parentID = iota
	parentFiscalCode
	parentGivenName
	parentFamilyName
	parentEmail
	parentMobile
	parentUsername
)

// Parents are the adults who pay.
var Parents = &Table{Name: "parents", Keys: 1, Columns: []Column{
	parentID:         {Name: "id"},
	parentFiscalCode: {Name: "fiscal_code"},
	parentGivenName:  {Name: "given_name"},
	parentFamilyName: {Name: "family_name"},
	parentEmail:      {Name: "email"},
	parentMobile:     {Name: "mobile"},
	parentUsername:   {Name: "username"},
}}

// Columns of Consumers.
const (
	consumerID = iota
	consumerCreditor
	consumerName
	consumerSchool
	consumerDiet
	consumerActivation
	consumerActivationAt
	consumerActivationUntil
)

// Consumers are the children enrolled in services.
var Consumers = &Table{Name: "consumers", Keys: 1, Columns: []Column{
	consumerID:       {Name: "id"},
	consumerCreditor: {Name: "creditor"},
	consumerName:     {Name: "name"},
	consumerSchool:   {Name: "school"},
	consumerDiet:     {Name: "diet"},

	consumerActivation:      {Name: "activation"}, // the id of the code that is open; empty for none
	consumerActivationAt:    {Name: "activation_at", Kind: Time},
	consumerActivationUntil: {Name: "activation_until", Kind: Time},
}}

// Columns of ConsumerServices.
const (
	consumerServiceConsumer = iota
	consumerServiceCode
	consumerServiceSince
)

// ConsumerServices are the services each child uses, in the order they began:
// since is the position of the event.
var ConsumerServices = &Table{Name: "consumer_services", Keys: 2, Columns: []Column{
	consumerServiceConsumer: {Name: "consumer"},
	consumerServiceCode:     {Name: "service"},
	consumerServiceSince:    {Name: "since", Kind: Integer},
}}
