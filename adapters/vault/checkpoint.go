package vault

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
)

// Checkpoint returns up to which position of the log the reaction of that name
// has done its work, 0 if it never ran. Reactions keep it here and not beside the
// views: views are deleted and rebuilt, and a rebuild must send no mail twice.
func (v *Vault) Checkpoint(ctx context.Context, name string) (uint64, error) {
	var position int64
	row := v.read.QueryRowContext(ctx, `SELECT position FROM reaction_checkpoint WHERE name = $1`, name)
	if err := row.Scan(&position); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("checkpoint %q: %w", name, err)
	}
	return uint64(position), nil
}

// SaveCheckpoint records, durably, that the reaction has done its work up to
// position. A position before the one recorded changes nothing: a checkpoint
// never moves backwards.
func (v *Vault) SaveCheckpoint(ctx context.Context, name string, position uint64) error {
	if position > math.MaxInt64 {
		return fmt.Errorf("checkpoint %q: position %d is beyond any log", name, position)
	}
	_, err := v.write.ExecContext(ctx, `INSERT INTO reaction_checkpoint (name, position) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET position = excluded.position
		WHERE reaction_checkpoint.position < excluded.position`, name, int64(position))
	if err != nil {
		return fmt.Errorf("checkpoint %q: %w", name, err)
	}
	return nil
}
