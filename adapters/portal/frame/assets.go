package frame

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed assets
var assetFiles embed.FS

// asset is one file for browsers. Packed is its gzip form, nil where packing
// gains nothing.
type asset struct {
	kind   string
	plain  []byte
	packed []byte
}

// assets serves the files of the design under a prefix that changes with their
// content, so that browsers may keep them for ever.
type assets struct {
	prefix string // "/assets/<version>/"
	files  map[string]asset
}

// embedded are the files in the binary, packed once however many sites a
// process opens: packing takes longer than all the rest of New.
var embedded = sync.OnceValue(func() map[string]asset {
	files := map[string]asset{}
	err := eachFile(assetFiles, func(name string, data []byte) {
		files[strings.TrimPrefix(name, "assets/")] = newAsset(name, data)
	})
	if err != nil {
		panic("frame: embedded assets: " + err.Error()) // the binary itself is broken
	}
	return files
})

// newAssets adds the body's own stylesheet to the embedded files.
func newAssets(theme []byte) *assets {
	a := &assets{files: map[string]asset{"ente.css": newAsset("ente.css", theme)}}
	maps.Copy(a.files, embedded())
	a.prefix = "/assets/" + version(a.files) + "/"
	return a
}

// add adds the files of a family in a folder of its name.
func (a *assets) add(folder string, files fs.FS) error {
	if files == nil {
		return nil
	}
	err := eachFile(files, func(name string, data []byte) { a.files[folder+"/"+name] = newAsset(name, data) })
	a.prefix = "/assets/" + version(a.files) + "/"
	return err
}

// put adds one file.
func (a *assets) put(name string, data []byte) {
	a.files[name] = newAsset(name, data)
	a.prefix = "/assets/" + version(a.files) + "/"
}

// has returns the name of an asset, or "" when there is none.
func (a *assets) has(name string) string {
	if _, ok := a.files[name]; !ok {
		return ""
	}
	return name
}

func eachFile(files fs.FS, do func(name string, data []byte)) error {
	return fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(files, name)
		if err == nil {
			do(name, data)
		}
		return err
	})
}

// kinds are the content types of the assets; mime's own depend on the machine.
var kinds = map[string]string{
	".css":   "text/css; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".svg":   "image/svg+xml",
	".png":   "image/png",
	".woff2": "font/woff2",
}

func newAsset(name string, data []byte) asset {
	kind, ok := kinds[path.Ext(name)]
	if !ok {
		kind = "text/plain; charset=utf-8"
	}
	a := asset{kind: kind, plain: data}
	if kind == kinds[".woff2"] || kind == kinds[".png"] {
		return a // compressed already
	}
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is valid
	_, _ = z.Write(data)                                  // a buffer takes it all
	_ = z.Close()
	if b.Len() < len(data) {
		a.packed = b.Bytes()
	}
	return a
}

// version names a set of files by what is in them.
func version(files map[string]asset) string {
	sums := make(map[string]string, len(files))
	for name, f := range files {
		sum := sha256.Sum256(f.plain)
		sums[name] = hex.EncodeToString(sum[:])
	}
	all := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(sums)) {
		all.Write([]byte(sums[name] + "  " + name + "\n"))
	}
	return hex.EncodeToString(all.Sum(nil))[:12]
}

// url returns where browsers find an asset.
func (a *assets) url(name string) string { return a.prefix + name }

// ServeHTTP serves one asset. A version that is not this one, from a page of a
// node being replaced, leads to the file as it is now.
func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/assets/"), "/")
	file, ok := a.files[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	if r.URL.Path != a.url(name) {
		http.Redirect(w, r, a.url(name), http.StatusTemporaryRedirect)
		return
	}
	h := w.Header()
	h.Set("Content-Type", file.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	body := file.plain
	if file.packed != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = file.packed
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write(body)
}
