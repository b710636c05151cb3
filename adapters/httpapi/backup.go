package httpapi

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// Backups takes copies of a service while it runs.
type Backups interface {
	// Take copies log and vault, each as it is at one moment. The copy is the
	// caller's to release. While there is one, a second is ErrBackupUnderWay.
	Take(ctx context.Context) (Backup, error)
}

// Backup is a copy of a service, there until it is released.
type Backup interface {
	// Position is that of the last event in the copy of the log.
	Position() eventstore.Position
	// Bytes are those of the files in the copy.
	Bytes() int64
	// Send writes the copy as a tar that ends with its manifest.
	Send(ctx context.Context, w io.Writer) error
	// Release removes the copy.
	Release() error
}

// ErrBackupUnderWay refuses a second backup while one is being sent.
var ErrBackupUnderWay = &domain.Refusal{Kind: domain.Conflict, Rule: "one backup at a time: another is under way"}

const (
	backupType   = "application/x-tar"
	headerLength = "Saldo-Backup-Bytes"
)

// noBackup is the answer of a service that cannot be backed up through here. It is
// no conflict: nothing that the caller waits for would change it.
var noBackup = problem{
	Status: http.StatusNotImplemented, Title: "The service cannot back itself up",
	Detail: "Its log is on a cluster: back that up by the cluster's own means, and the vault with it",
}

// backup sends a copy of the service. An error in the middle breaks the connection,
// and a copy without its end has no manifest: it never looks whole.
func (a *api) backup(w http.ResponseWriter, r *http.Request) {
	if a.Backups == nil {
		writeProblem(w, noBackup)
		return
	}
	b, err := a.Backups.Take(r.Context())
	if err != nil {
		a.fail(w, r, err)
		return
	}
	defer func() {
		if err := b.Release(); err != nil {
			a.Logger.Error("a copy made for a backup could not be removed", "error", err)
		}
	}()
	h := w.Header()
	h.Set("Content-Type", backupType)
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="saldo-%d.tar"`, b.Position()))
	h.Set(headerPosition, strconv.FormatUint(uint64(b.Position()), 10))
	h.Set(headerLength, strconv.FormatInt(b.Bytes(), 10))
	if err := b.Send(r.Context(), &patient{w: w, control: http.NewResponseController(w)}); err != nil {
		if r.Context().Err() == nil {
			a.Logger.Error("a backup broke off", "error", err)
		}
		panic(http.ErrAbortHandler)
	}
	a.Logger.Info("a backup was sent", "position", b.Position(), "bytes", b.Bytes(), "to", r.Context().Value(holderKey{}).(Holder).Name)
}

// patient gives a reader writeLimit for each stretch, however long the whole takes.
type patient struct {
	w       io.Writer
	control *http.ResponseController
	left    int // of the stretch
}

// stretch is what has to go through within writeLimit.
const stretch = 1 << 20

func (p *patient) Write(b []byte) (int, error) {
	if p.left -= len(b); p.left <= 0 {
		p.left = stretch
		_ = p.control.SetWriteDeadline(time.Now().Add(writeLimit)) // a server without deadlines has none to move
	}
	return p.w.Write(b)
}

// Backup asks the service for a copy of itself: a tar, to be closed by the caller,
// and about how many bytes it has, 0 if the service does not say. It needs the
// token of an administrator.
func (r Remote) Backup(ctx context.Context) (tar io.ReadCloser, bytes int64, err error) {
	res, err := r.ask(ctx, "/api/v1/backup")
	if err != nil {
		return nil, 0, err
	}
	bytes, _ = strconv.ParseInt(res.Header.Get(headerLength), 10, 64) // it is for progress alone
	return res.Body, max(0, bytes), nil
}
