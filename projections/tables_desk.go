package projections

// Columns of Inquiries.
const (
	inquiryID = iota
	inquiryCreditor
	inquiryParent
	inquiryNotice
	inquiryStatus
	inquiryOpen
	inquiryOpenedAt
	inquiryChangedAt
)

// Inquiries are the parents' questions to the office, and whose turn it is. What was
// written is not here: it is read from the log, where it is sealed. Notice is 0 for
// none; status is a domain.InquiryStatus.
var Inquiries = &Table{Name: "inquiries", Keys: 1, Columns: []Column{
	inquiryID:        {Name: "id"},
	inquiryCreditor:  {Name: "creditor"},
	inquiryParent:    {Name: "parent"},
	inquiryNotice:    {Name: "notice", Kind: Integer},
	inquiryStatus:    {Name: "status", Kind: Integer},
	inquiryOpen:      {Name: "open", Kind: Integer},
	inquiryOpenedAt:  {Name: "opened_at", Kind: Time},
	inquiryChangedAt: {Name: "changed_at", Kind: Time},
}, Indexes: []Index{
	{Name: "inquiries_parent", Columns: []string{"parent", "creditor"}},
	{Name: "inquiries_open", Columns: []string{"creditor", "changed_at"}, Only: &Condition{"open", opened}},
	{Name: "inquiries_closed", Columns: []string{"creditor", "changed_at"}, Only: &Condition{"open", 0}},
}}

// Columns of NewsItems.
const (
	newsID = iota
	newsCreditor
	newsTitle
	newsText
	newsFrom
	newsTo
	newsService
	newsLive
	newsPublishedAt
	newsCorrectedAt
	newsWithdrawnAt
)

// NewsItems are the news of each creditor. Live says that it was not withdrawn;
// whether it is shown follows from the day one looks.
var NewsItems = &Table{Name: "news", Keys: 1, Columns: []Column{
	newsID:          {Name: "id"},
	newsCreditor:    {Name: "creditor"},
	newsTitle:       {Name: "title"},
	newsText:        {Name: "body"},
	newsFrom:        {Name: "first_day", Kind: Date},
	newsTo:          {Name: "last_day", Kind: Date},
	newsService:     {Name: "service"},
	newsLive:        {Name: "live", Kind: Integer},
	newsPublishedAt: {Name: "published_at", Kind: Time},
	newsCorrectedAt: {Name: "corrected_at", Kind: Time},
	newsWithdrawnAt: {Name: "withdrawn_at", Kind: Time},
}, Indexes: []Index{
	{Name: "news_live", Columns: []string{"creditor", "first_day"}, Only: &Condition{"live", 1}},
	{Name: "news_all", Columns: []string{"creditor", "published_at"}},
}}
