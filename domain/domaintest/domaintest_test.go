package domaintest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// scores is a decider of a few lines, sound unless a command or an event makes it
// misbehave: its commands are functions.
type scores struct {
	Points []int
	Best   map[string]int
	First  *int
}

type command func(scores) ([]scored, error)

type scored struct {
	Player string
	Points int
	// In tells Evolve where to write: "" into memory of its own.
	In string
}

var errNegative = errors.New("points are not negative")

func (s scores) Decide(c command) ([]scored, error) { return c(s) }

func (s scores) Evolve(e scored) scores {
	switch e.In {
	case "room":
		s.Points = append(s.Points, e.Points)
		return s
	case "map":
		s.Best[e.Player] = e.Points
		return s
	case "pointer":
		*s.First = e.Points
		return s
	case "turns":
		turn++
		s.Points = []int{turn}
		return s
	}
	best := map[string]int{e.Player: e.Points}
	for k, v := range s.Best {
		best[k] = v
	}
	first := e.Points
	return scores{append(append([]int{}, s.Points...), e.Points), best, &first}
}

// turn is what an impure decider counts.
var turn int

// score is a sound command: each number of points counts once.
func score(player string, points int) command {
	return func(s scores) ([]scored, error) {
		switch {
		case points < 0:
			return nil, fmt.Errorf("%d: %w", points, errNegative)
		case s.Best[player] == points:
			return nil, nil
		}
		return []scored{{Player: player, Points: points}}, nil
	}
}

// always is a command that is carried out however often it comes.
func always(e scored) command {
	return func(scores) ([]scored, error) { return []scored{e}, nil }
}

type (
	sentence = Case[command, scored]
	facts    = []scored
)

func TestRunPassesASoundDecider(t *testing.T) {
	Run[scores](t, []sentence{
		{Name: "points are scored", When: score("a", 3), Then: facts{{Player: "a", Points: 3}}},
		{Name: "the same points add nothing", Given: facts{{Player: "a", Points: 3}}, When: score("a", 3)},
		{Name: "negative points are refused", When: score("a", -1), Refusal: errNegative},
		{Name: "a command can be one that its id makes idempotent", When: always(scored{Points: 1}), Then: facts{{Points: 1}}, ByIDOnly: true},
	})
}

func TestCheckFinds(t *testing.T) {
	one := scored{Player: "a", Points: 1}
	for _, c := range []struct {
		sentence
		want string
	}{
		{sentence{Name: "an event that does not follow", When: score("a", 1), Then: facts{one, one}}, "+ [1]     Points: 1"},
		{sentence{Name: "an event nobody wanted", When: score("a", 1)}, "- [0]     Player: a"},
		{sentence{Name: "an event with another value", When: score("a", 1), Then: facts{{Player: "a", Points: 2}}},
			"- [0] domaintest.scored\n- [0]     Points: 1\n+ [0] domaintest.scored\n+ [0]     Points: 2\n"},
		{sentence{Name: "a refusal nobody wanted", When: score("a", -1)}, "refusal: -1: points are not negative, want <nil>"},
		{sentence{Name: "a refusal that does not come", When: score("a", 1), Then: facts{one}, Refusal: errNegative}, "refusal: <nil>, want points are not negative"},
		{sentence{Name: "another refusal", When: score("a", -1), Refusal: errors.ErrUnsupported}, "want unsupported operation"},
		{sentence{Name: "a refusal with events", Refusal: errNegative, When: func(scores) ([]scored, error) {
			return facts{one}, errNegative
		}}, "- [0] domaintest.scored"},
		{sentence{Name: "a command that adds again", When: always(one), Then: facts{one}}, "given again, it adds"},
		{sentence{Name: "a command that is refused again", Then: facts{one}, When: func(s scores) ([]scored, error) {
			if len(s.Points) > 0 {
				return nil, errNegative
			}
			return facts{one}, nil
		}}, "given again, it is refused"},
		{sentence{Name: "a mark that is not needed", When: score("a", 1), Then: facts{one}, ByIDOnly: true}, "not ByIDOnly"},
		{sentence{Name: "a decision that differs", Then: facts{{Points: 1}}, When: func(scores) ([]scored, error) {
			turn++
			return facts{{Points: turn}}, nil
		}}, "decided twice, two answers"},
		{sentence{Name: "a refusal that differs", When: func(scores) ([]scored, error) {
			turn++
			return nil, fmt.Errorf("%d: %w", turn, errNegative)
		}, Refusal: errNegative}, "decided twice, two answers"},
		{sentence{Name: "a decision that writes", Given: facts{one}, Then: nil, When: func(s scores) ([]scored, error) {
			s.Points[0] = 9
			return nil, nil
		}}, "Decide changed the state"},
		{sentence{Name: "an evolution that differs", Given: facts{{In: "turns"}}, When: score("a", -1), Refusal: errNegative}, "evolved twice"},
		{sentence{Name: "an append into shared room", Given: facts{one, {Points: 2, In: "room"}}, When: score("a", 1)}, "Evolve with domaintest.scored changed the state"},
		{sentence{Name: "a write into a shared map", Given: facts{one, {Player: "b", Points: 2, In: "map"}}, When: score("a", 1)}, "Evolve with domaintest.scored changed the state"},
		{sentence{Name: "a write through a pointer", Given: facts{one, {Points: 2, In: "pointer"}}, When: score("a", 1)}, "Evolve with domaintest.scored changed the state"},
		{sentence{Name: "an evolution after the decision that writes", Given: facts{one}, When: func(s scores) ([]scored, error) {
			if s.Best["b"] == 2 {
				return nil, nil
			}
			return facts{{Player: "b", Points: 2, In: "map"}}, nil
		}, Then: facts{{Player: "b", Points: 2, In: "map"}}}, "Evolve with domaintest.scored changed the state"},
	} {
		t.Run(c.Name, func(t *testing.T) {
			faults := strings.Join(check[scores](c.sentence), "\n")
			if !strings.Contains(faults, c.want) {
				t.Errorf("check said %q, which does not mention %q", faults, c.want)
			}
		})
	}
}

func TestDiff(t *testing.T) {
	type list struct{ Of []int }
	type other struct{ Of []int }
	for _, c := range []struct {
		name      string
		got, want []any
		diff      string
	}{
		{"equal lists differ in nothing", []any{list{[]int{1}}}, []any{list{[]int{1}}}, ""},
		{"none and an empty one are the same list", nil, []any{}, ""},
		{"events of two types are printed whole", []any{list{}}, []any{other{}},
			"- [0] domaintest.list\n- [0]     Of: []\n+ [0] domaintest.other\n+ [0]     Of: []\n"},
		{"what prints alike is printed in Go", []any{list{}}, []any{list{[]int{}}},
			"- [0] domaintest.list{Of:[]int(nil)}\n+ [0] domaintest.list{Of:[]int{}}\n"},
		{"an event need not be a struct", []any{1}, []any{2}, "- [0] 1\n+ [0] 2\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := diff(c.got, c.want); got != c.diff {
				t.Errorf("diff is\n%s\nwant\n%s", got, c.diff)
			}
		})
	}
}
