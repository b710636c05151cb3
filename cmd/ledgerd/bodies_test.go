package main

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// another is a second body, with what a body needs.
func another(change func(*bodyConfig)) bodyConfig {
	b := demoConfig("data", "", "").Body
	b.FiscalCode, b.Name, b.URL = "97654321006", "Comune di Valle Prova", "https://scuola.valle-prova.example"
	change(&b)
	return b
}

func twoBodies(change func(*bodyConfig)) config {
	c := demoConfig("data", "https://scuola.borgo-esempio.example", "https://checkout.example")
	c.Listen = "127.0.0.1:0"
	c.Stations = append(c.Stations, stationConfig{Creditor: "97654321006", Broker: "97654321006", ID: "97654321006_01"})
	c.Bodies = []bodyConfig{another(change)}
	return c
}

func TestWhatSeveralBodiesCannotHaveIsNamed(t *testing.T) {
	for says, change := range map[string]func(*bodyConfig){
		"":                                    func(*bodyConfig) {},
		"bodies[0].url is missing":            func(b *bodyConfig) { b.URL = "" },
		"bodies[0].name is missing":           func(b *bodyConfig) { b.Name = "" },
		"bodies[0].url \"scuola\" is no http": func(b *bodyConfig) { b.URL = "scuola" },
		"host scuola.borgo-esempio.example is body's": func(b *bodyConfig) { b.Hosts = []string{"Scuola.Borgo-Esempio.example"} },
		"fiscalCode 01428570319 is body's already":    func(b *bodyConfig) { b.FiscalCode = demoCreditor },
		"no station answers for 11111111115":          func(b *bodyConfig) { b.FiscalCode = "11111111115" },
		`bodies[0].hosts: "a:80" is no host name`:     func(b *bodyConfig) { b.Hosts = []string{"a:80"} },
		"bodies[0].logo.file: open nowhere.png":       func(b *bodyConfig) { b.Logo.File = "nowhere.png" },
		"bodies[0].texts.privacy: open nowhere.txt":   func(b *bodyConfig) { b.Texts.Privacy = "nowhere.txt" },
		"bodies[0].texts.questions is missing":        func(b *bodyConfig) { b.Texts.ReplaceQuestions = true },
	} {
		err := twoBodies(change).check()
		if says == "" && err != nil || says != "" && (err == nil || !strings.Contains(err.Error(), says)) {
			t.Errorf("%v, want %q", err, says)
		}
	}
	only := twoBodies(func(*bodyConfig) {})
	only.Body, only.URL = bodyConfig{}, ""
	if err := only.check(); err != nil || len(only.bodies()) != 1 {
		t.Errorf("bodies alone: %v", err)
	}
}

func picture(t *testing.T, width, height int) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "logo.png")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestALogoIsASmallPNG(t *testing.T) {
	text := filepath.Join(t.TempDir(), "logo.svg")
	if err := os.WriteFile(text, []byte("<svg/>"), 0o600); err != nil {
		t.Fatal(err)
	}
	for says, logo := range map[string]logoConfig{
		"":                {File: picture(t, 64, 64)},
		"is no PNG":       {File: text},
		"more than 1024":  {File: picture(t, 1025, 1)},
		"logo.sha256":     {File: picture(t, 8, 8), SHA256: strings.Repeat("0", 64)},
		"more than 65536": {File: large(t)},
	} {
		data, err := logo.read()
		if says == "" && (err != nil || len(data) == 0) || says != "" && (err == nil || !strings.Contains(err.Error(), says)) {
			t.Errorf("%v, want %q", err, says)
		}
	}
	if data, err := (logoConfig{}).read(); data != nil || err != nil {
		t.Errorf("no logo is %d bytes, %v", len(data), err)
	}
}

func large(t *testing.T) string {
	file := filepath.Join(t.TempDir(), "large.png")
	if err := os.WriteFile(file, make([]byte, maxLogoBytes+1), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestABodysOwnWordsAreRead(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	good := write("domande.yaml", "- title: Iscrizioni\n  questions:\n    - question: Quando?\n      answer: A marzo.\n")
	words, err := textsConfig{Privacy: write("privacy.txt", "Una riga.\r\n"), Questions: good, ReplaceQuestions: true}.read()
	if err != nil || words.Privacy != "Una riga." || len(words.Questions) != 1 || words.Questions[0].Questions[0].Answer != "A marzo." {
		t.Errorf("%+v, %v", words, err)
	}
	for says, texts := range map[string]textsConfig{
		"texts.privacy: ":                   {Privacy: write("vuoto.txt", " \n")},
		"field colour not found":            {Questions: write("a.yaml", "- title: A\n  colour: b\n")},
		"section 1 has no title":            {Questions: write("b.yaml", "- questions: []\n")},
		`question 1 of "A" has no question`: {Questions: write("c.yaml", "- title: A\n  questions:\n    - answer: b\n")},
	} {
		if _, err := texts.read(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
}
