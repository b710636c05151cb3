package vault

import "context"

// unfinishedPerAddress is how many log-ins elsewhere may be under way or have failed
// from one address within the window. It is above failuresPerAddress because one that
// is merely under way counts too, and many telephones share an address.
const unfinishedPerAddress = 120

// NoteDeparture counts a log-in at an identity provider as unfinished before it
// begins, or returns *TooManyAttempts. NoteArrival takes it back.
func (v *Vault) NoteDeparture(ctx context.Context, addr string) (attempt string, err error) {
	return v.reserve(ctx, []bucket{{v.ClaimID("departure address", network(addr)), unfinishedPerAddress}})
}

// NoteArrival takes back what NoteDeparture counted, once the log-in turned out right.
func (v *Vault) NoteArrival(ctx context.Context, attempt string) error {
	return v.forgive(ctx, attempt, bucket{})
}
