package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// demoStatementDays is how many days of statements the demonstration looks back.
const demoStatementDays = 10

// collectDemoStatements takes in what the simulated treasurer booked in the last days,
// by the simulator's clock.
func (s *service) collectDemoStatements(ctx context.Context, platform string) error {
	clock, err := fetchDemo(ctx, platform+"/api/clock")
	if err != nil {
		return err
	}
	var shows struct{ Now time.Time }
	if err := json.Unmarshal(clock, &shows); err != nil {
		return err
	}
	for _, st := range s.Stations {
		for back := range demoStatementDays {
			day := shows.Now.AddDate(0, 0, -back).Format(time.DateOnly)
			raw, err := fetchDemo(ctx, fmt.Sprintf("%s/api/treasury/%s/%s/giornale-di-cassa.xml", platform, st.Creditor, day))
			if err != nil {
				return err
			}
			if !strings.Contains(string(raw), "<movimento_conto_evidenza>") {
				continue // nothing was booked
			}
			if _, err := s.takeDocument(ctx, "collector", ledger.Document{
				Creditor: st.Creditor, Name: "giornale-" + day + ".xml", Channel: domain.ChannelFolder, Raw: raw,
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

func fetchDemo(ctx context.Context, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered %s", address, res.Status)
	}
	return io.ReadAll(io.LimitReader(res.Body, domain.MaxDocumentReading))
}
