package sim_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/pagopa/internal/wiretest"
)

// published expects that JSON has no member that the OpenAPI does not know, and
// all that it wants.
func published(t *testing.T, file, schema, doc string) {
	t.Helper()
	dir, ok := wiretest.Published()
	if !ok {
		t.Skip("pagoPA's published files are not here")
	}
	text, err := os.ReadFile(filepath.Join(dir, "openapi", file))
	if err != nil {
		t.Fatal(err)
	}
	var api struct {
		Components struct{ Schemas map[string]apiSchema }
	}
	if err := json.Unmarshal(text, &api); err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal([]byte(doc), &v); err != nil {
		t.Fatal(err)
	}
	conforms(t, api.Components.Schemas, apiSchema{Ref: "#/components/schemas/" + schema}, v, schema)
}

type apiSchema struct {
	Ref        string `json:"$ref"`
	Type       string
	Required   []string
	Properties map[string]apiSchema
	Items      *apiSchema
	Enum       []any
}

func conforms(t *testing.T, all map[string]apiSchema, s apiSchema, v any, at string) {
	t.Helper()
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		s = all[name]
	}
	kinds := map[string]string{"string": "string", "integer": "float64", "number": "float64", "array": "[]interface {}", "object": "map[string]interface {}"}
	if got := fmt.Sprintf("%T", v); kinds[s.Type] != got {
		t.Errorf("%s is %s, want %s", at, got, s.Type)
		return
	}
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			conforms(t, all, *s.Items, item, at+"[]")
		}
	case map[string]any:
		for _, name := range s.Required {
			if _, there := v[name]; !there {
				t.Errorf("%s.%s is missing", at, name)
			}
		}
		for name, value := range v {
			property, known := s.Properties[name]
			if !known {
				t.Errorf("%s.%s is not in the OpenAPI", at, name)
				continue
			}
			conforms(t, all, property, value, at+"."+name)
		}
	}
}

func TestTheFlowsAnswersAreTheOpenAPIs(t *testing.T) {
	p := reported(t, "")
	one := flowsOf + "/" + p.flows()[0].ID + "/revisions/1/psps/" + scrigno
	published(t, "fdr_organization.json", "PaginatedFlowsResponse", p.get(flowsOf).body)
	published(t, "fdr_organization.json", "SingleFlowResponse", p.get(one).body)
	published(t, "fdr_organization.json", "PaginatedPaymentsResponse", p.get(one+"/payments").body)
	published(t, "fdr_organization.json", "ErrorResponse", p.get(flowsOf+"?page=0").body)
}
