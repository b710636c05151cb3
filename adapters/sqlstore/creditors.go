package sqlstore

import (
	"context"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

const creditorsQuery = `SELECT fiscal_code, name, office, broker, station, segregation, cbill, iban,
	postal_number, postal_holder, postal_authorisation, postal_iban FROM creditors`

// cells returns where the columns of creditorsQuery go.
func cells(p *domain.CreditorProfile) []any {
	return []any{
		&p.FiscalCode, &p.Name, &p.Office, &p.Broker, &p.Station, &p.Segregation, &p.CBILL, &p.IBAN,
		&p.Postal.Number, &p.Postal.Holder, &p.Postal.Authorisation, &p.Postal.IBAN,
	}
}

// Creditors returns the profile of every creditor, in the order of their fiscal
// codes, and the position shown.
func (s *Store) Creditors(ctx context.Context) ([]domain.CreditorProfile, eventstore.Position, error) {
	return view(ctx, s, func(r *reading) ([]domain.CreditorProfile, error) {
		return list(r, creditorsQuery+` ORDER BY fiscal_code`, nil, func(s scan) (p domain.CreditorProfile, err error) {
			err = s(cells(&p)...)
			return p, err
		})
	})
}

// Creditor returns a creditor with its categories and services, and the position
// shown.
func (s *Store) Creditor(ctx context.Context, code domain.FiscalCode) (domain.Creditor, eventstore.Position, error) {
	return view(ctx, s, func(r *reading) (c domain.Creditor, err error) {
		if err := r.one(creditorsQuery+` WHERE fiscal_code = ?`, []any{code}, cells(&c.Profile)...); err != nil {
			return c, notFound(err, "creditor %s", code)
		}
		if c.Categories, err = categories(r, code); err != nil {
			return c, err
		}
		c.Services, err = services(r, code)
		return c, err
	})
}

func categories(r *reading, creditor domain.FiscalCode) (map[domain.CategoryCode]string, error) {
	all := make(map[domain.CategoryCode]string)
	return all, r.each(categoriesQuery, []any{creditor}, func(s scan) error {
		var c projections.Category
		err := s(&c.Code, &c.Name)
		all[c.Code] = c.Name
		return err
	})
}

func services(r *reading, creditor domain.FiscalCode) (map[domain.ServiceCode]domain.Service, error) {
	all := make(map[domain.ServiceCode]domain.Service)
	return all, r.each(`SELECT code, name, taxonomy, chapter FROM services WHERE creditor = ?`, []any{creditor}, func(s scan) error {
		var (
			code domain.ServiceCode
			one  domain.Service
		)
		err := s(&code, &one.Name, &one.Taxonomy, &one.Chapter)
		all[code] = one
		return err
	})
}
