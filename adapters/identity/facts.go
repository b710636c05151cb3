package identity

import (
	"maps"
	"strings"
)

// facts are what the provider said of a person, by the name of the claim.
type facts map[string]any

// and adds what was said elsewhere; what was signed counts where both say it.
func (f facts) and(more map[string]any) facts {
	all := make(facts, len(f)+len(more))
	maps.Copy(all, more)
	maps.Copy(all, f)
	return all
}

// text returns the first of names that is a text, without the spaces around it. Some
// proxies write a single value as a list.
func (f facts) text(names []string) string {
	for _, name := range names {
		value := f[name]
		if list, ok := value.([]any); ok && len(list) == 1 {
			value = list[0]
		}
		if s, ok := value.(string); ok && strings.TrimSpace(s) != "" {
			return strings.TrimSpace(s)
		}
	}
	return ""
}

// list returns the first of names that is a list of texts, or one text alone.
func (f facts) list(names []string) []string {
	for _, name := range names {
		switch value := f[name].(type) {
		case string:
			return []string{value}
		case []any:
			var all []string
			for _, v := range value {
				if s, ok := v.(string); ok {
					all = append(all, s)
				}
			}
			return all
		}
	}
	return nil
}
