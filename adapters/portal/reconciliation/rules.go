package reconciliation

import (
	"cmp"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/reconciliation"
)

// rulesPage is Regole: the rules of automatic acceptance, a form to try one and to set
// it, and one to withdraw one.
type rulesPage struct {
	Rules    []ruleRow
	Key      string
	FourEyes domain.Money
	New      ruleForm
	Tried    bool // Accepts is what the rule typed would accept
	Accepts  []reconciliation.Acceptance
	Withdraw frame.Choice
	Rule     string // typed, to be withdrawn
	Why      string // typed
	Search   searchBox
	Errors   frame.FormErrors
}

// ruleRow is a rule, who set it and who withdrew it.
type ruleRow struct {
	domain.AcceptanceRule
	Title string // of its outcome
	Who   string
	Ender string
}

// ruleForm is a rule as somebody typed it.
type ruleForm struct {
	Outcome            frame.Choice
	UpTo, Days, Reason string
	chosen             reconciliation.Outcome
}

func (s *site) rules(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	return s.showRules(w, r, who, http.StatusOK, rulesPage{Key: uuid.NewString()})
}

func (s *site) showRules(w http.ResponseWriter, r *http.Request, who frame.Visit, status int, p rulesPage) error {
	rules, err := s.Views.Rules(r.Context())
	if err != nil {
		return err
	}
	name, err := s.Views.Names(r.Context())
	if err != nil {
		return err
	}
	var force []frame.Option
	for _, x := range rules.All {
		row := ruleRow{x, reconciliation.Outcome(x.Outcome).Advice().Title, name(x.SetBy), name(x.WithdrawnBy)}
		p.Rules = append(p.Rules, row)
		if !x.Withdrawn {
			force = append(force, frame.Option{Value: strconv.Itoa(x.Number), Name: strconv.Itoa(x.Number) + ". " + row.Title + ", fino a " + frame.Euro(x.UpTo)})
		}
	}
	if len(force) > 0 {
		p.Withdraw = frame.NewChoice("regola", "Regola da ritirare*", p.Rule, force, p.Errors)
	}
	p.New.Outcome = frame.NewChoice("esito", "Esito*", string(p.New.chosen), acceptable(), p.Errors)
	p.FourEyes = s.FourEyes
	return s.Show(w, r, who, status, frame.Page{Name: "regole", Title: "Regole", Trail: trail(frame.Link{Name: "Regole"}), Content: p})
}

// acceptable are the outcomes that a rule may accept.
func acceptable() (all []frame.Option) {
	for _, o := range reconciliation.Outcomes() {
		if reconciliation.Acceptable(o) {
			all = append(all, frame.Option{Value: string(o), Name: o.Advice().Title})
		}
	}
	return all
}

// setRule tries the rule typed, which changes nothing, or sets it.
func (s *site) setRule(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	p, key, err := rulesForm(r)
	if err != nil {
		return err
	}
	action := r.PostForm.Get("azione")
	if action != "prova" && action != "imposta" {
		return frame.ErrForm
	}
	rule := p.readRule(r)
	if action == "imposta" {
		checkReason(&p.Errors, "motivo", rule.Reason)
	}
	if len(p.Errors) == 0 && action == "prova" {
		err = s.try(r, &p, rule)
	} else if len(p.Errors) == 0 {
		at, refused := s.Commands.SetRule(r.Context(), who.Account, key, rule)
		if refused == nil {
			return s.Done(w, r, at, "Regola impostata: accetta da adesso.", rulesPath)
		}
		err = refused
	}
	if refusal, ok := errors.AsType[*domain.Refusal](err); ok {
		p.Errors.Add(ruleField(refusal), s.Explained(refusal))
	} else if err != nil {
		return err
	}
	status := http.StatusOK
	if len(p.Errors) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return s.showRules(w, r, who, status, p)
}

// rulesForm begins to read a form of the page.
func rulesForm(r *http.Request) (rulesPage, uuid.UUID, error) {
	if err := frame.ParseForm(r); err != nil {
		return rulesPage{}, uuid.Nil, err
	}
	key, err := uuid.Parse(r.PostForm.Get("chiave"))
	if err != nil {
		return rulesPage{}, uuid.Nil, frame.ErrForm
	}
	return rulesPage{Key: key.String()}, key, nil
}

// readRule reads the rule typed.
func (p *rulesPage) readRule(r *http.Request) NewRule {
	typed := func(name string) string { return strings.Join(strings.Fields(r.PostForm.Get(name)), " ") }
	p.New = ruleForm{UpTo: typed("importo"), Days: typed("giorni"), Reason: typed("motivo"), chosen: reconciliation.Outcome(typed("esito"))}
	rule := NewRule{Outcome: p.New.chosen, Reason: p.New.Reason}
	if !reconciliation.Acceptable(rule.Outcome) {
		p.Errors.Add("esito", rules[domain.ErrBadRuleOutcome])
	}
	var err error
	if rule.UpTo, err = frame.ParseEuro(p.New.UpTo); err != nil {
		p.Errors.Add("importo", "Scrivi l'importo in euro, ad esempio 0,50")
	}
	if rule.Days, err = strconv.Atoi(p.New.Days); err != nil {
		p.Errors.Add("giorni", rules[domain.ErrBadRuleDays])
	}
	return rule
}

// try finds what the rule would accept now, of the days that rules look at.
func (s *site) try(r *http.Request, p *rulesPage, rule NewRule) error {
	tried, err := reconciliation.Trial(domain.SetRule{
		Outcome: string(rule.Outcome), UpTo: rule.UpTo, Days: rule.Days, Reason: cmp.Or(rule.Reason, "prova"), FourEyes: s.FourEyes,
	})
	if err != nil {
		return err
	}
	terms, err := s.terms(r.Context())
	if err != nil {
		return err
	}
	facts, err := s.Views.Facts(r.Context(), reconciliation.RuleSpan(s.Now()))
	if err != nil {
		return err
	}
	p.Tried, p.Accepts = true, reconciliation.Acceptances(reconciliation.Match(facts, terms), tried, s.Now())
	return nil
}

// ruleField is the field that a refusal of a new rule is about.
func ruleField(refusal *domain.Refusal) string {
	switch refusal.Field {
	case "upTo":
		return "importo"
	case "days":
		return "giorni"
	case "reason":
		return "motivo"
	}
	return "esito"
}

// withdrawRule ends a rule, with a reason.
func (s *site) withdrawRule(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	p, key, err := rulesForm(r)
	if err != nil {
		return err
	}
	p.Rule, p.Why = r.PostForm.Get("regola"), strings.Join(strings.Fields(r.PostForm.Get("perche")), " ")
	number, err := strconv.Atoi(p.Rule)
	if err != nil {
		p.Errors.Add("regola", rules[domain.ErrUnknownRule])
	}
	checkReason(&p.Errors, "perche", p.Why)
	if len(p.Errors) > 0 {
		return s.showRules(w, r, who, http.StatusUnprocessableEntity, p)
	}
	at, err := s.Commands.WithdrawRule(r.Context(), who.Account, key, number, p.Why)
	if refusal, ok := errors.AsType[*domain.Refusal](err); ok {
		field := "regola"
		if refusal.Field == "reason" {
			field = "perche"
		}
		p.Errors.Add(field, s.Explained(refusal))
		return s.showRules(w, r, who, http.StatusUnprocessableEntity, p)
	}
	if err != nil {
		return err
	}
	return s.Done(w, r, at, "Regola ritirata: quello che ha accettato resta accettato.", rulesPath)
}
