package domain

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Creditor is an ente creditore: a body that raises bulletins and collects them
// through pagoPA, folded from its stream.
type Creditor struct {
	Profile    CreditorProfile
	Categories map[CategoryCode]string
	Services   map[ServiceCode]Service
}

// CreditorProfile is what payers, PSPs and the Node need to know of a creditor.
type CreditorProfile struct {
	FiscalCode  FiscalCode `json:"fiscalCode"`
	Name        string     `json:"name"`
	Office      string     `json:"office,omitempty"`
	Broker      string     `json:"broker"`      // idBrokerPA
	Station     string     `json:"station"`     // idStation
	Segregation int        `json:"segregation"` // of its notice numbers, 0-45
	CBILL       string     `json:"cbill"`       // codice interbancario (SIA), 5 alphanumerics
	IBAN        string     `json:"iban"`        // registered with pagoPA
	// Postal gives every notice a bollettino postale; the zero value is no account.
	Postal PostalAccount `json:"postal,omitzero"`
}

// Service is something a creditor bills for.
type Service struct {
	Name string `json:"name"`
	// Taxonomy is pagoPA's transferCategory, such as 9/0107101TS/ (SPEC §9).
	Taxonomy string `json:"taxonomy"`
	// Chapter is the capitolo di entrata, or the accertamento, that the accounting office
	// books it under; empty for none.
	Chapter string `json:"chapter,omitempty"`
}

// CreditorCommand is the closed set of intents about a creditor.
type CreditorCommand interface{ creditorCommand() }

// CreditorEvent closes the facts.
type CreditorEvent interface {
	Event
	creditorEvent()
}

// RegisterCreditor enters a body into the ledger.
type RegisterCreditor struct {
	Profile CreditorProfile
	At      time.Time
}

// ChangeCreditor gives a body another profile, all of it. Its fiscal code and its
// segregation code, which are in notices that were sent out, stay.
type ChangeCreditor struct {
	Creditor FiscalCode
	Profile  CreditorProfile
	At       time.Time
}

// DefineCategory adds a categoria di pagamento, or renames it.
type DefineCategory struct {
	Creditor FiscalCode
	Category CategoryCode
	Name     string
	At       time.Time
}

// DefineService adds a service, or changes its name, taxonomy or chapter.
type DefineService struct {
	Creditor FiscalCode
	Code     ServiceCode
	Service  Service
	At       time.Time
}

// CreditorRegistered says that a body entered the ledger.
type CreditorRegistered struct {
	Profile CreditorProfile `json:"profile"`
	At      time.Time       `json:"at"`
}

// CreditorChanged says what a body's profile is from now on.
type CreditorChanged struct {
	Creditor FiscalCode      `json:"creditor"`
	Profile  CreditorProfile `json:"profile"`
	At       time.Time       `json:"at"`
}

// CategoryDefined says how a category is called from now on.
type CategoryDefined struct {
	Creditor FiscalCode   `json:"creditor"`
	Category CategoryCode `json:"category"`
	Name     string       `json:"name"`
	At       time.Time    `json:"at"`
}

// ServiceDefined says what a service is from now on.
type ServiceDefined struct {
	Creditor FiscalCode  `json:"creditor"`
	Code     ServiceCode `json:"code"`
	Service  Service     `json:"service"`
	At       time.Time   `json:"at"`
}

// Refusals about creditors.
var (
	ErrCreditorExists  = &Refusal{Conflict, "", "the creditor is registered already, with another profile"}
	ErrUnknownCreditor = &Refusal{NotFound, "creditor", "no such creditor"}
	ErrFixedCreditor   = &Refusal{Invalid, "segregation", "a creditor's fiscal code and segregation code do not change"}
	ErrBadProfile      = &Refusal{Invalid, "profile", "a creditor has a name and an office of at most 140 characters, a broker and a station of 1 to 35, a segregation code of 0 to 45, a CBILL code of 5 capital letters or digits and a valid Italian IBAN"}
	ErrBadCategory     = &Refusal{Invalid, "category", "a category has a code of 1 to 40 of A-Z 0-9 - _ and a name of 1 to 140 characters"}
	ErrBadService      = &Refusal{Invalid, "service", "a service has a code of 1 to 40 of A-Z 0-9 - _, a name of 1 to 140 characters and a taxonomy code such as 9/0107101TS/"}
	ErrBadChapter      = &Refusal{Invalid, "chapter", "a chapter is none, or at most 40 of A-Z a-z 0-9 . / - _ with single blanks between them, the first and the last a letter or a digit"}
	ErrUnknownCategory = &Refusal{NotFound, "category", "the creditor has no such category"}
	ErrUnknownService  = &Refusal{NotFound, "service", "the creditor has no such service"}
)

var (
	cbillCode    = regexp.MustCompile(`^[A-Z0-9]{5}$`)
	taxonomyCode = regexp.MustCompile(`^[6-9]/[0-9]{7}(IM|TS|SP|SA|AP)/$`)
	chapterCode  = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9./_ -]*[A-Za-z0-9])?)?$`)
)

// Decide answers cmd with the facts that follow from it.
func (c Creditor) Decide(cmd CreditorCommand) ([]CreditorEvent, error) {
	switch cmd := cmd.(type) {
	case RegisterCreditor:
		return c.register(cmd)
	case ChangeCreditor:
		return c.change(cmd)
	case DefineCategory:
		return c.defineCategory(cmd)
	case DefineService:
		return c.defineService(cmd)
	}
	panic(fmt.Sprintf("domain: unhandled command %T", cmd))
}

func (c Creditor) register(cmd RegisterCreditor) ([]CreditorEvent, error) {
	switch {
	case c.Profile == cmd.Profile && c.registered():
		return nil, nil
	case c.registered():
		return nil, fmt.Errorf("creditor %s: %w", cmd.Profile.FiscalCode, ErrCreditorExists)
	}
	if err := cmd.Profile.Check(); err != nil {
		return nil, err
	}
	return []CreditorEvent{CreditorRegistered(cmd)}, nil
}

func (c Creditor) change(cmd ChangeCreditor) ([]CreditorEvent, error) {
	switch {
	case !c.registered():
		return nil, fmt.Errorf("creditor %s: %w", cmd.Creditor, ErrUnknownCreditor)
	case c.Profile == cmd.Profile:
		return nil, nil
	case c.Profile.FiscalCode != cmd.Profile.FiscalCode || c.Profile.Segregation != cmd.Profile.Segregation:
		return nil, fmt.Errorf("creditor %s: %w", cmd.Creditor, ErrFixedCreditor)
	}
	if err := cmd.Profile.Check(); err != nil {
		return nil, err
	}
	return []CreditorEvent{CreditorChanged(cmd)}, nil
}

func (c Creditor) defineCategory(cmd DefineCategory) ([]CreditorEvent, error) {
	switch {
	case !c.registered():
		return nil, fmt.Errorf("creditor %s: %w", cmd.Creditor, ErrUnknownCreditor)
	case !validCode(string(cmd.Category)) || !within(cmd.Name, 1, 140):
		return nil, fmt.Errorf("category %q: %w", clip(string(cmd.Category)), ErrBadCategory)
	case c.Categories[cmd.Category] == cmd.Name:
		return nil, nil
	}
	return []CreditorEvent{CategoryDefined(cmd)}, nil
}

func (c Creditor) defineService(cmd DefineService) ([]CreditorEvent, error) {
	switch {
	case !c.registered():
		return nil, fmt.Errorf("creditor %s: %w", cmd.Creditor, ErrUnknownCreditor)
	case !validCode(string(cmd.Code)) || !within(cmd.Service.Name, 1, 140) || !taxonomyCode.MatchString(cmd.Service.Taxonomy):
		return nil, fmt.Errorf("service %q: %w", clip(string(cmd.Code)), ErrBadService)
	case !validChapter(cmd.Service.Chapter):
		return nil, fmt.Errorf("service %s, chapter %q: %w", cmd.Code, clip(cmd.Service.Chapter), ErrBadChapter)
	case c.Services[cmd.Code] == cmd.Service:
		return nil, nil
	}
	return []CreditorEvent{ServiceDefined(cmd)}, nil
}

func validChapter(s string) bool {
	return len(s) <= 40 && chapterCode.MatchString(s) && !strings.Contains(s, "  ")
}

// Evolve returns c as it stands after e.
func (c Creditor) Evolve(e CreditorEvent) Creditor {
	switch e := e.(type) {
	case CreditorRegistered:
		c.Profile = e.Profile
	case CreditorChanged:
		c.Profile = e.Profile
	case CategoryDefined:
		c.Categories = with(c.Categories, e.Category, e.Name)
	case ServiceDefined:
		c.Services = with(c.Services, e.Code, e.Service)
	default:
		panic(fmt.Sprintf("domain: unhandled event %T", e))
	}
	return c
}

func (c Creditor) registered() bool { return c.Profile.FiscalCode != "" }

// Check verifies every field of p.
func (p CreditorProfile) Check() error {
	if _, err := ParseBodyCode(string(p.FiscalCode)); err != nil {
		return err
	}
	ok := within(p.Name, 1, 140) && within(p.Office, 0, 140) && within(p.Broker, 1, 35) && within(p.Station, 1, 35) &&
		p.Segregation >= 0 && p.Segregation <= MaxSegregation && cbillCode.MatchString(p.CBILL) && ValidIBAN(p.IBAN)
	if !ok {
		return fmt.Errorf("creditor %s: %w", p.FiscalCode, ErrBadProfile)
	}
	if err := p.Postal.Check(); err != nil {
		return fmt.Errorf("creditor %s: %w", p.FiscalCode, err)
	}
	return nil
}

// with returns a copy of m in which k is v: a state is never changed in place.
func with[K comparable, V any](m map[K]V, k K, v V) map[K]V {
	out := make(map[K]V, len(m)+1)
	for key, val := range m {
		out[key] = val
	}
	out[k] = v
	return out
}

func (RegisterCreditor) creditorCommand() {}
func (ChangeCreditor) creditorCommand()   {}
func (DefineCategory) creditorCommand()   {}
func (DefineService) creditorCommand()    {}

// OccurredAt is when the body joined.
func (e CreditorRegistered) OccurredAt() time.Time { return e.At }

// OccurredAt is when the new profile came into force.
func (e CreditorChanged) OccurredAt() time.Time { return e.At }

// OccurredAt is when the definition came into force.
func (e CategoryDefined) OccurredAt() time.Time { return e.At }

// OccurredAt is when the definition came into force.
func (e ServiceDefined) OccurredAt() time.Time { return e.At }

func (CreditorRegistered) event()         {}
func (CreditorChanged) event()            {}
func (CategoryDefined) event()            {}
func (ServiceDefined) event()             {}
func (CreditorRegistered) creditorEvent() {}
func (CreditorChanged) creditorEvent()    {}
func (CategoryDefined) creditorEvent()    {}
func (ServiceDefined) creditorEvent()     {}
