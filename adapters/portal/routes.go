package portal

import (
	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
)

// Paths of the pages that others refer to.
const (
	homePath = "/consumatori"
	payPath  = "/paga"
)

// ReturnPath is where the checkout sends the payer back to, on the portal's
// origin. A how that the checkout does not know is as good as an error.
func ReturnPath(payment domain.PaymentID, how domain.CheckoutOutcome) string {
	word := "errore"
	for w, h := range outcomes {
		if h == how {
			word = w
		}
	}
	return payPath + "/ritorno/" + payment.String() + "/" + word
}

// outcomes are the words of the return addresses.
var outcomes = map[string]domain.CheckoutOutcome{
	"ok":        domain.ReturnedOK,
	"annullato": domain.ReturnedCancelled,
	"errore":    domain.ReturnedError,
	"attesa":    domain.ReturnedWaiting,
}

// routes adds every address of the parents' pages.
func (s *site) routes() {
	s.Get(frame.LoginPath, s.Public(s.loginForm))
	s.Post(frame.LoginPath, s.Public(s.login))
	s.Get(frame.LeavePath, s.Public(s.logoutForm))
	s.Post(frame.LeavePath, s.Public(s.logout))
	s.identityRoutes()
	for path, text := range texts {
		s.Get(path, s.Public(s.text(text)))
	}
	s.Get("/stato", s.Public(s.status))

	s.Get(homePath, s.parents(s.overview))
	s.Get("/consumatori/{consumer:"+frame.UUIDVar+"}/movimenti", s.parents(s.movements))
	s.Get(linkPath, s.parents(s.linkForm))
	s.Post(linkPath, s.parents(s.activate))
	s.Post(linkPath+"/identita", s.parents(s.linkDeclared))
	s.Get(askLinkPath, s.parents(s.askLinkForm))
	s.Post(askLinkPath, s.parents(s.askLink))
	s.Get(explainPath+"{figure:[a-z-]+}", s.parents(s.explain))
	s.Get(documentsPath, s.parents(s.documents))
	s.Get(historyPath, s.parents(s.history))
	s.Get(historyPath+"/{notice:"+frame.NoticeVar+"}/{entry:[0-9]+}", s.parents(s.paid))
	s.Get(historyPath+"/{notice:"+frame.NoticeVar+"}/{entry:[0-9]+}.pdf", s.parents(s.paidPDF))
	s.Get(expensesPath+"{year:[0-9]{4}}", s.parents(s.expenses))
	s.Get(expensesPath+"{year:[0-9]{4}}.pdf", s.parents(s.expensesPDF))
	s.Get(frame.PasswordPath, s.Only(s.passwordForm))
	s.Post(frame.PasswordPath, s.Only(s.changePassword))
	s.Get(profilePath, s.parents(s.profileForm))
	s.Post(profilePath, s.parents(s.changeProfile))
	s.Post("/profilo/conferma", s.parents(s.sendConfirmation))
	s.Get(confirmPath, s.Public(s.confirmForm))
	s.Post(confirmPath, s.Public(s.confirmEmail))
	s.Get(registrationPath, s.Public(s.registrationForm))
	s.Post(registrationPath, s.Public(s.register))
	s.Post("/registrazione/verifica", s.Public(s.checkUsername))
	s.Get(recoveryPath, s.Public(s.recoveryForm))
	s.Post(recoveryPath, s.Public(s.identify))
	s.Post("/recupero/domanda", s.Public(s.answerQuestion))
	s.Get("/recupero/password", s.Public(s.newPasswordForm))
	s.Post("/recupero/password", s.Public(s.chooseNewPassword))

	s.Get(newsPath, s.parents(s.news))
	s.Get(newsPath+"/{news:"+frame.UUIDVar+"}", s.parents(s.newsItem))
	s.Get(inquiriesPath, s.parents(s.inquiries))
	s.Post(inquiriesPath, s.parents(s.ask))
	s.Get(inquiriesPath+"/{inquiry:"+frame.UUIDVar+"}", s.parents(s.inquiry))
	s.Post(inquiriesPath+"/{inquiry:"+frame.UUIDVar+"}", s.parents(s.write))
	s.Post(inquiriesPath+"/{inquiry:"+frame.UUIDVar+"}/chiudi", s.parents(s.closeInquiry))

	s.Get(payPath, s.parents(s.pay))
	s.Get("/paga/novita", s.watching(s.payNews))
	s.Post("/paga/totali", s.parents(s.totals))
	s.Post("/paga/riepilogo", s.parents(s.choose))
	s.Get("/paga/riepilogo", s.parents(s.review))
	s.Post("/paga/avvio", s.parents(s.startCheckout))
	s.Get("/paga/ritorno/{payment:"+frame.UUIDVar+"}/{how:ok|annullato|errore|attesa}", s.parents(s.returned))
	s.Post("/paga/ritorno/{payment:"+frame.UUIDVar+"}/{how:annullato}", s.parents(s.returned))
	s.Get("/paga/esito/{payment:"+frame.UUIDVar+"}", s.parents(s.outcome))
	s.Get("/paga/esito/{payment:"+frame.UUIDVar+"}/novita", s.watching(s.outcomeNews))
	s.Get("/paga/avvisi", s.parents(s.noticeList))
	s.Get("/paga/avvisi.zip", s.parents(s.noticeArchive))
	s.Get("/paga/avvisi/{notice:"+frame.NoticeVar+"}", s.parents(s.notice))
	s.Get("/paga/avvisi/{notice:"+frame.NoticeVar+"}.pdf", s.parents(s.noticePDF))
	s.Post("/paga/avvisi/{notice:"+frame.NoticeVar+"}/email", s.parents(s.emailNotice))
}
