package papers

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"iter"

	"github.com/saldo-ledger/saldo/domain"
)

// WriteArchive prints many notices into one ZIP, each under its FileName, in the
// order in which they come. It holds one notice at a time, and of the others only
// their entries in the archive's directory. The same notices give the same bytes.
//
// At the first notice that fails, is not valid or comes twice it stops with an
// error; what was written to w by then is no archive.
func WriteArchive(w io.Writer, notices iter.Seq2[Notice, error]) error {
	archive := zip.NewWriter(w)
	seen := map[domain.NoticeNumber]bool{}
	for n, err := range notices {
		if err != nil {
			return fmt.Errorf("archive of notices: %w", err)
		}
		if seen[n.number()] {
			return fmt.Errorf("archive of notices: %w", &domain.Refusal{Kind: domain.Invalid, Field: "number", Rule: "a notice once; " + string(n.number()) + " comes twice"})
		}
		seen[n.number()] = true
		if err := addTo(archive, n); err != nil {
			return fmt.Errorf("archive of notices: %s: %w", n.number(), err)
		}
	}
	return archive.Close()
}

// addTo adds a notice, with the notice's own date, not the clock's.
func addTo(archive *zip.Writer, n Notice) error {
	var pdf bytes.Buffer
	if err := WriteNotice(&pdf, n); err != nil {
		return err
	}
	file, err := archive.CreateHeader(&zip.FileHeader{Name: n.FileName(), Method: zip.Deflate, Modified: printed})
	if err != nil {
		return err
	}
	_, err = pdf.WriteTo(file)
	return err
}
