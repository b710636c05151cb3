package seal

import "time"

// Often makes a sealer seal every few milliseconds.
func Often(s *Sealer) *Sealer {
	s.every = 2 * time.Millisecond
	return s
}

// Notes parts a text into signed notes.
var Notes = notesOf
