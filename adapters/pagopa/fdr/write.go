package fdr

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
)

// Encode writes f. It is read back before it goes out, by the rules of Decode:
// what breaks them is a *soap.FieldError and w gets nothing.
func Encode(w io.Writer, f Flow) error {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	b.WriteString(`<FlussoRiversamento xmlns="` + Namespace + `">`)
	f.write(&builder{&b})
	b.WriteString("</FlussoRiversamento>\n")
	if _, err := Decode(b.Bytes()); err != nil {
		return fmt.Errorf("flow not written: %w", err)
	}
	_, err := w.Write(b.Bytes())
	return err
}

func (f Flow) write(b *builder) {
	b.text("versioneOggetto", f.Version)
	b.text("identificativoFlusso", f.ID)
	b.text("dataOraFlusso", string(f.Created))
	b.text("identificativoUnivocoRegolamento", f.Regulation)
	b.text("dataRegolamento", string(f.RegulationDate))
	b.party("Mittente", f.Sender)
	b.optional("codiceBicBancaDiRiversamento", f.BIC)
	b.party("Ricevente", f.Receiver)
	b.text("numeroTotalePagamenti", strconv.FormatInt(f.DeclaredCount, 10))
	b.text("importoTotalePagamenti", f.DeclaredTotal.String())
	for _, p := range f.Payments {
		b.within("datiSingoliPagamenti", func() { p.write(b) })
	}
}

func (p Payment) write(b *builder) {
	b.text("identificativoUnivocoVersamento", string(p.IUV))
	b.text("identificativoUnivocoRiscossione", p.IUR)
	if p.Index != 0 {
		b.text("indiceDatiSingoloPagamento", strconv.Itoa(p.Index))
	}
	b.text("singoloImportoPagato", p.Amount.String())
	b.text("codiceEsitoSingoloPagamento", strconv.Itoa(int(p.Outcome)))
	b.text("dataEsitoSingoloPagamento", string(p.Date))
}

// builder writes elements. A bytes.Buffer takes all, so nothing can fail.
type builder struct{ *bytes.Buffer }

func (b *builder) within(name string, content func()) {
	b.WriteString("<" + name + ">")
	content()
	b.WriteString("</" + name + ">")
}

func (b *builder) text(name, value string) {
	b.within(name, func() { _ = xml.EscapeText(b, []byte(value)) })
}

func (b *builder) optional(name, value string) {
	if value != "" {
		b.text(name, value)
	}
}

// party writes istitutoMittente or istitutoRicevente, whose children are named
// after it.
func (b *builder) party(role string, p Party) {
	b.within("istituto"+role, func() {
		b.within("identificativoUnivoco"+role, func() {
			b.text("tipoIdentificativoUnivoco", p.Kind)
			b.text("codiceIdentificativoUnivoco", p.Code)
		})
		b.optional("denominazione"+role, p.Name)
	})
}
