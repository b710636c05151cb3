package domain

import (
	"time"
	_ "time/tzdata" // days are Italian days, also where no zones are installed
)

// Rome is the zone that everything is dated in: days, months, deadlines and the times
// of receipts that name no zone.
var Rome = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		panic("domain: " + err.Error()) // the zones are linked in
	}
	return zone
}()
