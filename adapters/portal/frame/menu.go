package frame

import "slices"

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
	// Current is "page" when the item leads to the page shown, "true" when the
	// breadcrumb says that the page is below it, and "" otherwise.
	Current string
}

type menuGroup struct {
	Name  string
	Items []menuItem
}

// menu returns the menu of an account, seen from a page at path with a breadcrumb.
func (s *Site) menu(account Account, path string, trail []Link) []menuGroup {
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
	return marked(append(first, last...), path, trail)
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

// marked marks the item that leads to path or, when none does, to the last step of the
// breadcrumb that has one.
func marked(groups []MenuGroup, path string, trail []Link) []menuGroup {
	current, how := path, "page"
	for i := len(trail) - 1; i >= 0 && !leads(groups, current); i-- {
		current, how = trail[i].URL, "true"
	}
	shown := make([]menuGroup, len(groups))
	for i, g := range groups {
		shown[i].Name = g.Name
		for _, item := range g.Items {
			mark := ""
			if item.URL == current {
				mark = how
			}
			shown[i].Items = append(shown[i].Items, menuItem{item, mark})
		}
	}
	return shown
}

func leads(groups []MenuGroup, path string) bool {
	return slices.ContainsFunc(groups, func(g MenuGroup) bool {
		return slices.ContainsFunc(g.Items, func(item MenuItem) bool { return item.URL == path })
	})
}
