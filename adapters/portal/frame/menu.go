package frame

import (
	"slices"
	"strings"
)

// MenuGroup is a part of the main menu, under its name.
type MenuGroup struct {
	Name  string // may be empty
	Items []MenuItem
	// Last puts the group after those of every family. Groups that several families
	// have are shown once.
	Last bool
}

// MenuItem leads to a page. Post makes it a button: leaving is a command.
type MenuItem struct {
	Link
	Icon string // its name in Bootstrap Italia's sprite
	Post bool
}

// AccountMenu is the part of the menu that everybody has who is in.
var AccountMenu = MenuGroup{Name: "Menu profilo", Last: true, Items: []MenuItem{
	{Link{"Modifica password", PasswordPath}, "it-key", false},
	{Link{"Esci", LeavePath}, "it-logout", true},
}}

// menuItem is an item as a page shows it.
type menuItem struct {
	MenuItem
	// Current is "page" when the item leads to the page shown, "true" when the page
	// is below it, and "" otherwise.
	Current string
}

type menuGroup struct {
	Name  string
	Items []menuItem
}

// menu returns the menu of an account, seen from the page at path.
func (s *Site) menu(account Account, path string) []menuGroup {
	var first, last []MenuGroup
	for _, f := range s.families {
		if !account.Has(f.family.Roles...) {
			continue
		}
		for _, g := range f.family.Menu {
			if g.Last {
				last = join(last, g)
			} else {
				first = append(first, g)
			}
		}
	}
	return marked(append(first, last...), path)
}

// join adds a group, or its items to the group of the same name.
func join(groups []MenuGroup, g MenuGroup) []MenuGroup {
	i := slices.IndexFunc(groups, func(o MenuGroup) bool { return o.Name == g.Name })
	if i < 0 {
		g.Items = slices.Clone(g.Items)
		return append(groups, g)
	}
	for _, item := range g.Items {
		if !slices.Contains(groups[i].Items, item) {
			groups[i].Items = append(groups[i].Items, item)
		}
	}
	return groups
}

// marked marks the item that leads to path, or the nearest above it.
func marked(groups []MenuGroup, path string) []menuGroup {
	nearest := ""
	for _, g := range groups {
		for _, item := range g.Items {
			if (item.URL == path || strings.HasPrefix(path, item.URL+"/")) && len(item.URL) > len(nearest) {
				nearest = item.URL
			}
		}
	}
	shown := make([]menuGroup, len(groups))
	for i, g := range groups {
		shown[i].Name = g.Name
		for _, item := range g.Items {
			current := ""
			switch {
			case item.URL != nearest:
			case item.URL == path:
				current = "page"
			default:
				current = "true"
			}
			shown[i].Items = append(shown[i].Items, menuItem{item, current})
		}
	}
	return shown
}
