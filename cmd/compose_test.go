package cmd_test

import (
	"bytes"
	"io/fs"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

const exampleConfig = "docs/saldo.example.yaml"

// composition is docker-compose.yml, as far as it can be wrong about this
// repository.
type composition struct {
	Services map[string]struct {
		Command []string
		Volumes []string
		Build   struct {
			Dockerfile string `yaml:"dockerfile_inline"`
		}
	}
	Volumes map[string]any
}

func readComposition(t *testing.T) composition {
	t.Helper()
	var c composition
	if err := yaml.Unmarshal(read(t, "docker-compose.yml"), &c); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ledgerd", "nats", "pagopa-sim"} {
		if _, ok := c.Services[name]; !ok {
			t.Fatalf("docker-compose.yml has no service %s", name)
		}
	}
	return c
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	text, err := fs.ReadFile(repository, file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestComposedServicesMountWhatThereIs(t *testing.T) {
	c := readComposition(t)
	orElse := regexp.MustCompile(`\$\{[A-Z_]+:-([^}]*)\}`)
	for name, service := range c.Services {
		for _, volume := range service.Volumes {
			from, _, _ := strings.Cut(orElse.ReplaceAllString(volume, "$1"), ":")
			if file, isFile := strings.CutPrefix(from, "./"); isFile {
				read(t, file)
			} else if _, declared := c.Volumes[from]; !declared {
				t.Errorf("%s mounts %s, which is neither a volume nor a file here", name, from)
			}
		}
	}
}

func TestComposedImageBuildsTheCommands(t *testing.T) {
	commands, err := fs.Glob(repository, "cmd/*/main.go")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, main := range commands {
		want = append(want, "./"+strings.TrimSuffix(main, "/main.go"))
	}
	got := regexp.MustCompile(`\./cmd/[\w-]+`).FindAllString(readComposition(t).Services["ledgerd"].Build.Dockerfile, -1)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the image builds %q; there are %q", got, want)
	}
}

func TestComposedServiceReadsTheExampleConfiguration(t *testing.T) {
	service := readComposition(t).Services["ledgerd"]
	at := slices.Index(service.Command, "--config")
	if at < 0 || at+1 == len(service.Command) {
		t.Fatalf("ledgerd is started without --config: %q", service.Command)
	}
	isMount := func(volume string) bool {
		return strings.Contains(volume, exampleConfig) && strings.Contains(volume, ":"+service.Command[at+1]+":")
	}
	if !slices.ContainsFunc(service.Volumes, isMount) {
		t.Errorf("%s is not mounted as %s", exampleConfig, service.Command[at+1])
	}
}

func TestExampleConfigurationSpeaksToComposedServices(t *testing.T) {
	var example struct {
		Data     string
		NATS     struct{ URL string }
		Checkout struct{ API string }
	}
	if err := yaml.NewDecoder(bytes.NewReader(read(t, exampleConfig))).Decode(&example); err != nil {
		t.Fatal(err)
	}
	c := readComposition(t)
	if !slices.Contains(c.Services["ledgerd"].Volumes, "ledger:"+example.Data) {
		t.Errorf("the data directory %s is on no volume", example.Data)
	}
	for _, address := range []string{example.NATS.URL, example.Checkout.API} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := c.Services[u.Hostname()]; !ok {
			t.Errorf("%s: no service has that name", address)
		}
	}
}
