package soap

import "unicode/utf8"

// MaxText is the longest description, company name, office name or remittance
// information, in characters.
const MaxText = 140

// Cut returns s, or its first n characters when it is longer.
func Cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n])
}

// Fit returns s as the schema can carry it: texts cut to their length, and a
// country or an e-mail address of the wrong form left out. A bill must not
// become unpayable because a street has a long name.
func (s Subject) Fit() Subject {
	s.FullName = Cut(s.FullName, 70)
	s.Street = Cut(s.Street, 70)
	s.Civic = Cut(s.Civic, 16)
	s.PostalCode = Cut(s.PostalCode, 16)
	s.City = Cut(s.City, 35)
	s.Province = Cut(s.Province, 35)
	if !twoCapitals.ok(s.Country) {
		s.Country = ""
	}
	if !email.ok(s.Email) {
		s.Email = ""
	}
	return s
}
