package frame

import (
	"fmt"
	"net/http"

	"github.com/klauspost/compress/gzhttp"
)

// Packing of pages.
const (
	packedFrom   = 1400 // bytes: what fits in one packet is sent as it is
	packedLevel  = 1    // half the time of the usual level, for a tenth more bytes
	packedJitter = 64   // at most so many bytes that mean nothing are added
)

// pack wraps what answers so that pages are sent packed to browsers that can unpack
// them. Assets are packed already, PDFs and archives gain nothing.
//
// Packing what another site's script had somebody's browser ask for would tell an
// eavesdropper, by its length, whether words in the address are words of the page
// (BREACH). No page holds a lasting secret: sessions are in cookies that scripts cannot
// read, forms from elsewhere are known by their headers and not by a token, and the keys
// of forms are made anew for each page. What is left to guess are names and amounts. So
// what another site leads to is sent as it is, and a length that hangs on the content in
// no simple way is added to the rest, for browsers too old to say who leads them.
func pack(next http.Handler) (http.Handler, error) {
	wrap, err := gzhttp.NewWrapper(gzhttp.ContentTypes([]string{"text/html"}), gzhttp.MinSize(packedFrom),
		gzhttp.CompressionLevel(packedLevel), gzhttp.RandomJitter(packedJitter, 0, false), gzhttp.EnableZstd(false))
	if err != nil {
		return nil, fmt.Errorf("packing: %w", err)
	}
	packed := wrap(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ledFromElsewhere(r) {
			w.Header().Set("Vary", "Accept-Encoding")
			next.ServeHTTP(w, r)
			return
		}
		packed.ServeHTTP(w, r)
	}), nil
}

// ledFromElsewhere reports whether the browser says that a page of another site made
// it ask.
func ledFromElsewhere(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "cross-site", "same-site":
		return true
	}
	return false
}
