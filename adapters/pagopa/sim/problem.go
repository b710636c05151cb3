package sim

import (
	"encoding/json"
	"net/http"
)

// problem is ProblemJson of the OpenAPI.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
}

func refuseJSON(w http.ResponseWriter, status int, title, detail string) {
	answerJSON(w, status, problem{"about:blank", title, status, detail})
}

func answerJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	_ = enc.Encode(v) // an error here is a client that went away
}
