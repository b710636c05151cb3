package httpapi_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// description is as much of openapi.json as these tests look at.
type description struct {
	OpenAPI    string
	Servers    []struct{ URL string }
	Paths      map[string]map[string]operation
	Components struct {
		Schemas    map[string]schema
		Parameters map[string]parameter
	}
}

type operation struct {
	Summary     string
	Parameters  []parameter
	RequestBody *struct{ Content map[string]media }
	Responses   map[string]struct{ Content map[string]media }
}

type media struct{ Schema schema }

type parameter struct {
	Ref      string `json:"$ref"`
	Name, In string
	Required bool
}

type schema struct {
	Ref                  string `json:"$ref"`
	Type                 any
	Properties           map[string]schema
	Required             []string
	AdditionalProperties *bool
	Items                *schema
	AllOf                []schema
	Pattern              string
	Enum                 []string
}

// described is what the API says of itself.
func (d *desk) described() description {
	d.t.Helper()
	a := d.do("GET", "/openapi.json", "", header{"Authorization", ""})
	if a.status != http.StatusOK || a.header.Get("Content-Type") != "application/json" {
		d.t.Fatal(a)
	}
	var out description
	if err := json.Unmarshal(a.body, &out); err != nil {
		d.t.Fatal(err)
	}
	return out
}

// resolve follows a reference.
func (d description) resolve(s schema) schema {
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		return d.Components.Schemas[name]
	}
	return s
}

// operationOf is what is said of a route.
func (d description) operationOf(r route) operation {
	return d.Paths[r.template][strings.ToLower(r.method)]
}

func TestTheDescriptionHasEveryRouteAndNoOther(t *testing.T) {
	d := newDesk(t)
	doc := d.described()
	if !strings.HasPrefix(doc.OpenAPI, "3.1") || len(doc.Servers) != 1 || doc.Servers[0].URL != "/api/v1" {
		t.Errorf("openapi %s at %v", doc.OpenAPI, doc.Servers)
	}
	said := map[route]bool{}
	for template, operations := range doc.Paths {
		for method := range operations {
			said[route{strings.ToUpper(method), template}] = true
		}
	}
	for _, r := range d.routes() {
		if !said[r] && r != open[0] {
			t.Errorf("%s %s is not described", r.method, r.template)
		}
		delete(said, r)
	}
	for r := range said {
		t.Errorf("%s %s is described, and is no route", r.method, r.template)
	}
}

func TestTheDescriptionRefersToWhatIsThere(t *testing.T) {
	d := newDesk(t)
	whole := string(d.do("GET", "/openapi.json", "").body)
	doc := d.described()
	for _, ref := range regexp.MustCompile(`"#/components/([a-z]+)/([A-Za-z]+)"`).FindAllStringSubmatch(whole, -1) {
		_, isSchema := doc.Components.Schemas[ref[2]]
		_, isParameter := doc.Components.Parameters[ref[2]]
		if ref[1] == "schemas" && !isSchema || ref[1] == "parameters" && !isParameter {
			t.Errorf("%s is nowhere", ref[0])
		}
	}
}

func TestEveryRouteIsDescribedAsItBehaves(t *testing.T) {
	d := newDesk(t)
	doc := d.described()
	for r := range access {
		op := doc.operationOf(r)
		var inPath, headers []string
		for _, p := range op.Parameters {
			if name, ok := strings.CutPrefix(p.Ref, "#/components/parameters/"); ok {
				p = doc.Components.Parameters[name]
			}
			switch p.In {
			case "path":
				inPath = append(inPath, "{"+p.Name+"}")
			case "header":
				headers = append(headers, p.Name)
			}
		}
		if want := regexp.MustCompile(`{[a-z]+}`).FindAllString(r.template, -1); !slices.Equal(inPath, want) {
			t.Errorf("%s %s: parameters %v", r.method, r.template, inPath)
		}
		if wantKey := r.method == "POST"; slices.Contains(headers, "Idempotency-Key") != wantKey || (op.RequestBody != nil) != wantKey {
			t.Errorf("%s %s: headers %v, body %t", r.method, r.template, headers, op.RequestBody != nil)
		}
		for _, status := range []string{"200", "401", "403"} {
			if _, ok := op.Responses[status]; !ok || op.Summary == "" {
				t.Errorf("%s %s: no answer %s, or no summary", r.method, r.template, status)
			}
		}
	}
}

func TestEveryMemberDescribedIsAcceptedAndNoOther(t *testing.T) {
	d := newDesk(t)
	d.settleAndSelect()
	doc := d.described()
	for r := range access {
		if r.method != "POST" {
			continue
		}
		s := doc.resolve(doc.operationOf(r).RequestBody.Content["application/json"].Schema)
		if s.AdditionalProperties == nil || *s.AdditionalProperties {
			t.Errorf("%s: other members are refused, and the schema does not say so", r.template)
		}
		if got := members(t, valid[r.path()]); !slices.Equal(got, slices.Sorted(maps.Keys(s.Properties))) {
			t.Errorf("%s: the table has the members %v, the schema %v", r.template, got, slices.Sorted(maps.Keys(s.Properties)))
		}
		if a := d.do("POST", r.path(), valid[r.path()], d.fresh()); a.status == http.StatusBadRequest {
			t.Errorf("%s: a body of every member described: %s", r.template, a)
		}
		d.do("POST", r.path(), edit(valid[r.path()], "colour", `"red"`), d.fresh()).refuses(http.StatusBadRequest, "colour", "unknown")
	}
}

// members are the names in a JSON object, sorted.
func members(t *testing.T, body string) []string {
	t.Helper()
	var all map[string]json.RawMessage
	if err := json.Unmarshal([]byte(body), &all); err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(all))
}

func TestWhatIsDescribedAsRequiredIsAndNothingElse(t *testing.T) {
	d := newDesk(t)
	doc := d.described()
	for r := range access {
		if r.method != "POST" {
			continue
		}
		s := doc.resolve(doc.operationOf(r).RequestBody.Content["application/json"].Schema)
		for member := range s.Properties {
			town := newDesk(t)
			town.settleAndSelect()
			a := town.do("POST", r.path(), edit(valid[r.path()], member, ""), town.fresh())
			if required := slices.Contains(s.Required, member); (a.status == http.StatusOK) == required {
				t.Errorf("%s without %s, required %t: %s", r.template, member, required, a)
			}
		}
	}
}

// Whatever stands in a body, it is the caller's mistake and not an error of ours.
func TestNothingInABodyIsAnErrorOfOurs(t *testing.T) {
	d := newDesk(t)
	d.settleAndSelect()
	doc := d.described()
	garbage := []string{
		`""`, `" "`, `"a b"`, `"à/%2F?#"`, `"` + strings.Repeat("9", 500) + `"`, `"\u0000"`, `"0001-01-01T00:00:00Z"`, `"9999-12-31T23:59:59Z"`,
		"0", "-1", "1e400", "true", "null", "[]", `[""]`, `["a b"]`, "[null]", "{}", `[{}]`,
		`"00000000-0000-0000-0000-000000000000"`, `"999999999999999999999.99"`, `"92233720368547758.08"`,
	}
	for r := range access {
		if r.method != "POST" {
			continue
		}
		s := doc.resolve(doc.operationOf(r).RequestBody.Content["application/json"].Schema)
		for member := range s.Properties {
			for _, value := range garbage {
				a := d.do("POST", r.path(), edit(valid[r.path()], member, value), d.fresh())
				if a.status == http.StatusInternalServerError {
					t.Errorf("POST %s with %s %s: %s\n%s", r.template, member, value, a, d.said)
					d.said.clear()
				}
			}
		}
	}
}

func TestEveryAnswerIsAsDescribed(t *testing.T) {
	d := newDesk(t)
	d.settleAndSelect()
	d.post("/payments", edit(selection(firstNotice), "payment", ""))
	d.pay(firstNotice, "RT-1", 5733)
	d.pay(string(noticeNumber(900)), "RT-2", 100)
	doc := d.described()
	for r := range access {
		a := d.do(r.method, r.path(), valid[r.path()], d.fresh(), atLeast(d.end()))
		op := doc.operationOf(r)
		said, ok := op.Responses[fmt.Sprint(a.status)]
		typ := a.header.Get("Content-Type")
		content, known := said.Content[typ]
		if !ok || !known {
			t.Errorf("%s %s: %d as %s is not described", r.method, r.template, a.status, typ)
			continue
		}
		if !strings.Contains(typ, "json") {
			continue // bytes have no members
		}
		for value := range strings.Lines(string(a.body)) {
			doc.check(t, r.method+" "+r.template, content.Schema, value)
		}
	}
}

// check fails the test unless a JSON value has no member that its schema does not
// describe, each in its form, and all that it requires.
func (d description) check(t *testing.T, where string, s schema, value string) {
	t.Helper()
	s = d.resolve(s)
	for _, part := range s.AllOf {
		part = d.resolve(part)
		s.Properties = joined(s.Properties, part.Properties)
		s.Required = append(s.Required, part.Required...)
	}
	switch trimmed := strings.TrimSpace(value); {
	case strings.HasPrefix(trimmed, "{"):
		var all map[string]json.RawMessage
		if err := json.Unmarshal([]byte(trimmed), &all); err != nil {
			t.Fatal(err)
		}
		for name, v := range all {
			property, ok := s.Properties[name]
			if !ok {
				t.Errorf("%s: %s is answered, and not described", where, name)
				continue
			}
			d.check(t, where+" "+name, property, string(v))
		}
		for _, name := range s.Required {
			if _, ok := all[name]; !ok {
				t.Errorf("%s: %s is required, and not answered", where, name)
			}
		}
	case strings.HasPrefix(trimmed, "["):
		var all []json.RawMessage
		if err := json.Unmarshal([]byte(trimmed), &all); err != nil || s.Items == nil {
			t.Fatalf("%s: %s, %v", where, trimmed, err)
		}
		for _, v := range all {
			d.check(t, where+" item", *s.Items, string(v))
		}
	case strings.HasPrefix(trimmed, `"`):
		var text string
		if err := json.Unmarshal([]byte(trimmed), &text); err != nil {
			t.Fatal(err)
		}
		if s.Pattern != "" && !regexp.MustCompile(s.Pattern).MatchString(text) || s.Enum != nil && !slices.Contains(s.Enum, text) {
			t.Errorf("%s: %q is not as described", where, text)
		}
	}
}

func joined(a, b map[string]schema) map[string]schema {
	out := maps.Clone(b)
	maps.Copy(out, a)
	return out
}
