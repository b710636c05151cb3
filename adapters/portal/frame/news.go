package frame

import (
	"context"
	"time"

	"github.com/saldo-ledger/saldo/eventstore"
)

const (
	newsWait  = 5 * time.Second        // how long a page's question for news is held
	newsPause = 200 * time.Millisecond // between two looks, however much is written
)

// News holds a page's question until look finds something new, for a few seconds at
// most, and reports whether there is any. It looks at once, and then whenever the views
// have moved on from the position that look saw: where nothing is written, a page that
// waits costs nothing but its connection.
func (s *Site) News(ctx context.Context, look func() (at eventstore.Position, news bool, err error)) (bool, error) {
	wait := s.NewsWait
	if wait == 0 {
		wait = newsWait
	}
	held, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	for {
		pause := time.NewTimer(newsPause)
		at, news, err := look()
		if news || err != nil {
			return news, err
		}
		if err := s.Views.Await(held, at+1); err != nil && held.Err() == nil {
			return false, err
		}
		select {
		case <-pause.C:
		case <-held.Done():
			return false, nil
		}
	}
}
