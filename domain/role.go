package domain

// Role is what a person or a program may do, in the customer's words.
type Role string

// The roles.
const (
	RoleParent        Role = "genitore"        // own family's bulletins
	RoleOffice        Role = "ufficio"         // the school office: enrols and issues
	RoleAuditor       Role = "revisore"        // reads everything, writes nothing
	RoleReconciler    Role = "riconciliazione" // receipts, flows and statements
	RoleAdministrator Role = "amministratore"  // configures creditors, categories and users
)

// Roles are all roles, in the order of the words.
var Roles = []Role{RoleAdministrator, RoleParent, RoleReconciler, RoleAuditor, RoleOffice}
