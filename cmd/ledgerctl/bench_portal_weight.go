package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"path"
	"regexp"
	"strings"
)

// weight is what a view takes to be shown.
type weight struct {
	What    string `json:"what"`
	Answers int    `json:"answers"`
	Sent    int    `json:"sentBytes"`  // of bodies, as the server sends them to a browser
	Plain   int    `json:"plainBytes"` // the same, unpacked
}

// add counts one answer as it was sent, and returns it unpacked.
func (w *weight) add(body []byte) ([]byte, error) {
	plain, err := unpacked(body)
	if err != nil {
		return nil, err
	}
	w.Answers++
	w.Sent += len(body)
	w.Plain += len(plain)
	return plain, nil
}

var (
	linked     = regexp.MustCompile(`(?:href|src)="(/assets/[^"#]+)`)
	latinFonts = regexp.MustCompile(`url\(([^)]+-latin-[0-9][^)]+\.woff2)\)`)
)

// weights are those of the first view, with every file it names, and of each page
// once a browser has the files.
func (r *round) weights(ctx context.Context) ([]weight, error) {
	first := weight{What: "first view, Accesso and its files"}
	page, err := r.ask(ctx, "/accesso", "")
	if err != nil {
		return nil, err
	}
	if page, err = first.add(page); err != nil {
		return nil, err
	}
	if err := r.files(ctx, page, &first); err != nil {
		return nil, err
	}
	all := []weight{first}
	for i, p := range portalPages {
		body, err := r.ask(ctx, p.path, r.tokens[i])
		if err != nil {
			return nil, err
		}
		after := weight{What: "after it, " + p.what}
		if _, err := after.add(body); err != nil {
			return nil, err
		}
		all = append(all, after)
	}
	return all, nil
}

// files adds what a page names, and the Latin fonts of its stylesheets.
func (r *round) files(ctx context.Context, page []byte, sum *weight) error {
	had := make(map[string]bool)
	var open []string
	for _, m := range linked.FindAllSubmatch(page, -1) {
		open = append(open, string(m[1]))
	}
	for len(open) > 0 {
		file := open[0]
		open = open[1:]
		if had[file] {
			continue
		}
		had[file] = true
		body, err := r.ask(ctx, file, "")
		if err != nil {
			return err
		}
		plain, err := sum.add(body)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if strings.HasSuffix(file, ".css") {
			for _, m := range latinFonts.FindAllSubmatch(plain, -1) {
				open = append(open, path.Join(path.Dir(file), string(m[1])))
			}
		}
	}
	return nil
}

// unpacked is a body that may be packed, plain.
func unpacked(body []byte) ([]byte, error) {
	if !bytes.HasPrefix(body, []byte{0x1f, 0x8b}) {
		return body, nil
	}
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	_, err = b.ReadFrom(z)
	return b.Bytes(), err
}
