package revision

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/adapters/portal/portaltest"
	"github.com/saldo-ledger/saldo/domain"
)

func order(t *testing.T, site *frame.Site, form url.Values) portaltest.Answer {
	t.Helper()
	return portaltest.Ask(t, site, string(domain.RoleAuditor), http.MethodPost, exportPath, form)
}

// but is the form of a register with one field that is another.
func but(field, value string) url.Values {
	form := maps.Clone(winterExport)
	form[field] = []string{value}
	return form
}

// lying are the files that exports left.
func (w *world) lying() (all []string) {
	w.Helper()
	all, err := filepath.Glob(filepath.Join(w.shelf, "*", "*"))
	if err != nil {
		w.Fatal(err)
	}
	return all
}

func TestARegisterIsMadeAndFetched(t *testing.T) {
	w, _ := winter(t)
	site := w.open(w.log, true)
	ask(t, site, exportPath).Is(http.StatusOK, "Libro giornale", "Mastrini", "Bilancio di verifica", "XLSX").Has(`value="01/01/2020"`, `value="31/01/2020"`)
	order(t, site, winterExport).LeadsTo(exportPath + "/" + february)
	ask(t, site, exportPath+"/"+february).Is(http.StatusOK, "01/02/2020 - 29/02/2020", "Fino alla posizione 18", "Righe 1", "Impronta SHA-256 8d969eef", "Scarica il file")
	w.looks = nil
	file := ask(t, site, exportPath+"/"+february+"/file").Is(http.StatusOK, "dal 01/02/2020 al 29/02/2020")
	if kind, name := file.Header.Get("Content-Type"), file.Header.Get("Content-Disposition"); kind != "text/csv; charset=utf-8" || !strings.HasPrefix(name, `attachment; filename="giornale-`) {
		t.Errorf("%s, %s", kind, name)
	}
	if len(w.looks) != 1 || !slices.Contains(w.looks[0].Of, everybody) {
		t.Errorf("noted %v", w.looks)
	}
	ask(t, site, exportPath+"/"+february+"/manifesto").Is(http.StatusOK, `"sha256": "8d969eef`, `"position": 18`)
	ask(t, site, exportPath+"/"+february+"/altro").Is(http.StatusNotFound)
	w.blind = errors.New("no disk")
	ask(t, site, exportPath+"/"+february+"/file").Is(http.StatusInternalServerError).Lacks("dal 01/02/2020")
}

func TestWhatCannotBeExportedIsTold(t *testing.T) {
	w, _ := winter(t)
	site := w.open(w.log, true)
	for want, form := range map[string]url.Values{
		"Scegli un registro dell'elenco":         but(bookField, "diario"),
		"Scegli un formato dell'elenco":          but(formatField, "doc"),
		"Scrivi il primo giorno":                 but(firstField, "ieri"),
		"Scrivi l'ultimo giorno":                 but(lastField, "31/02/2020"),
		"L'ultimo giorno non viene prima":        but(lastField, "31/01/2020"),
		"Scrivi una data, ad esempio 12/02/2020": but(knownField, "x"),
	} {
		a := order(t, site, form).Is(http.StatusUnprocessableEntity, want).Has(`id="errori"`)
		for _, link := range summary.FindAllStringSubmatch(a.Body, -1) {
			a.Has(`id="` + link[1] + `"`)
		}
	}
	if files := w.lying(); len(files) > 0 {
		t.Errorf("left %v", files)
	}
	ask(t, site, exportPath+"/"+february).Is(http.StatusNotFound, "Questo file non è più a disposizione")
}

func TestWhatAFormatHasNoRoomForIsToldAndLeavesNothing(t *testing.T) {
	tooLong := &domain.Refusal{Kind: domain.Invalid, Rule: "too long"}
	for name, write := range map[string]func(io.Writer) error{
		"a refusal": func(io.Writer) error { return fmt.Errorf("a book: %w", tooLong) },
		"the disk": func(to io.Writer) error {
			to.(*limitedFile).room = 10
			_, err := to.Write(bytes.Repeat([]byte("x"), 11))
			return err
		},
	} {
		w, _ := winter(t)
		w.books = write
		site := w.open(w.log, true)
		order(t, site, winterExport).LeadsTo(exportPath + "/" + february)
		ask(t, site, exportPath+"/"+february).Is(http.StatusOK, "È troppo per questo formato", "ledgerctl audit register").Lacks("Scarica")
		ask(t, site, exportPath+"/"+february+"/file").Is(http.StatusNotFound)
		if files := w.lying(); len(files) > 0 {
			t.Errorf("%s: left %v", name, files)
		}
	}
}

func TestOnlyTheLastExportsAreKept(t *testing.T) {
	w, _ := winter(t)
	site := w.open(w.log, true)
	for n := range exportsKept + 2 {
		ask(t, site, order(t, site, but(lastField, fmt.Sprintf("%02d/02/2020", 10+n))).Header.Get("Location")).Is(http.StatusOK, "Scarica il file")
	}
	if files := w.lying(); len(files) != exportsKept {
		t.Errorf("%d files lie there", len(files))
	}
	first := order(t, site, but(lastField, "10/02/2020")).Header.Get("Location") // made anew
	ask(t, site, first).Is(http.StatusOK, "Scarica il file")
}

func TestExportsAreGoneWhenThePagesAreClosed(t *testing.T) {
	w, _ := winter(t)
	s, err := newShelf(w.shelf)
	if err != nil {
		t.Fatal(err)
	}
	f, err := s.begin()
	if err != nil {
		t.Fatal(err)
	}
	path, err := s.keep(f)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil || len(w.lying()) > 0 {
		t.Errorf("left %v, %v", w.lying(), err)
	}
}
