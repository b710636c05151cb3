package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/saldo-ledger/saldo/domain"
)

// demoStaffPassword lets in every person of the demonstration who works for the body.
const demoStaffPassword = "Scuola-2020!"

// demoStaff is one account for each role of staff.
var demoStaff = []struct {
	username string
	role     domain.Role
	who      string
}{
	{"ufficio", domain.RoleOffice, "school office"},
	{"ragioneria", domain.RoleReconciler, "reconciliation"},
	{"revisione", domain.RoleAuditor, "auditors"},
	{"amministratore", domain.RoleAdministrator, "administration"},
}

// settleStaff lets in those who work for the body.
func (s *service) settleStaff(ctx context.Context) error {
	for _, one := range demoStaff {
		id := demoID("staff/" + one.username)
		has, err := s.vault.HasPassword(ctx, id)
		if err == nil && !has {
			err = s.vault.SetPassword(ctx, one.username, id, []domain.Role{one.role}, demoStaffPassword)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// demoStaffWelcome lists who of the staff can enter.
func demoStaffWelcome() string {
	var names []string
	for _, one := range demoStaff {
		names = append(names, fmt.Sprintf("%s (%s)", one.username, one.who))
	}
	return strings.Join(names, ", ")
}
