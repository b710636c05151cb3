package papers

import "github.com/saldo-ledger/saldo/domain"

// payment prints what a payer or a clerk needs to pay the whole debt: the QR code,
// and the same data in words beside it.
func (s *sheet) payment(y float64, n Notice) float64 {
	const dataAt, instructionWidth = 68.8, 50
	heading := append([]span{{bold(10), titleSingle}}, dueSpans(n.Due, 10)...)
	s.lineUpTo(fullColumn.end(), s.bar(fullColumn, y, titlePayment), heading...)
	y += barHeight + barToBody
	top := y + lineGap // of the QR code, level with the letters beside it
	s.qrCode(margin, top, n.Number.QRCode(n.Creditor.FiscalCode, n.Amount))
	left := s.paragraph(column{x: margin, width: instructionWidth}, top+qrSide+2*lineGap, qrInstruction, regular(8))
	y = s.paymentParties(fullColumn.from(dataAt), y, n)
	return max(left, s.paymentCodes(fullColumn.from(dataAt), y+2*lineGap, n))
}

// paymentParties prints who pays whom how much for what.
func (s *sheet) paymentParties(c column, y float64, n Notice) float64 {
	amountAt := s.labelledUpTo(c.end(), y, labelAmount, span{figures(12), ItalianAmount(n.Amount)}, span{regular(10), labelEuro})
	y = s.labelled(column{x: c.x, width: amountAt - gap - c.x}, y, titleDebtor, n.Debtor.Name, bold(9))
	y = s.labelled(c, y+lineGap, titleCreditor, n.Creditor.Name, bold(9))
	return s.labelled(c, y+lineGap, labelObject, n.Object, bold(9))
}

// paymentCodes prints the codes to type in where no QR code can be read.
func (s *sheet) paymentCodes(c column, y float64, n Notice) float64 {
	const noticeAt = 97.7
	notice := c
	if n.Creditor.CBILL != "" {
		s.labelled(c, y, labelCBILL, n.Creditor.CBILL, figures(10))
		notice = c.from(noticeAt)
	}
	bottom := s.labelled(notice, y, labelNotice, n.Number.Groups(), figures(10))
	s.labelledUpTo(c.end(), y, labelCreditorCode, span{figures(10), string(n.Creditor.FiscalCode)})
	return bottom
}

// dueSpans says until when to pay, if there is a deadline.
func dueSpans(due domain.Date, size float64) []span {
	if due == "" {
		return nil
	}
	return []span{{bold(size), labelDue}, {figures(size), italianDay(due)}}
}
