package pagopa

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
)

// MutualTLS returns the configuration of a door that only pagoPA can open: it shows
// the certificate in a file, whose key is in another, and wants a client certificate
// of the authorities in a third. All are PEM. Its error is a *KeyError.
func MutualTLS(certificate, key, clientCA string) (*tls.Config, error) {
	for _, f := range []struct{ key, file string }{
		{"tls.certificate", certificate}, {"tls.key", key}, {"tls.clientCA", clientCA},
	} {
		if f.file == "" {
			return nil, &KeyError{f.key, "missing: mutual TLS needs certificate, key and clientCA"}
		}
		if _, err := os.ReadFile(f.file); err != nil {
			return nil, &KeyError{f.key, err.Error()}
		}
	}
	pair, err := tls.LoadX509KeyPair(certificate, key)
	if err != nil {
		return nil, &KeyError{"tls.certificate", fmt.Sprintf("%s with the key %s: %v", certificate, key, err)}
	}
	authorities, err := readAuthorities(clientCA)
	if err != nil {
		return nil, &KeyError{"tls.clientCA", err.Error()}
	}
	return &tls.Config{
		Certificates: []tls.Certificate{pair}, ClientCAs: authorities,
		ClientAuth: tls.RequireAndVerifyClientCert, MinVersion: tls.VersionTLS12,
	}, nil
}

var errNoAuthority = errors.New("there is no certificate in it")

func readAuthorities(file string) (*x509.CertPool, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s: %w", file, errNoAuthority)
	}
	return pool, nil
}
