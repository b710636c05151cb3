package esdbtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"time"
)

// Certificate makes an authority and a certificate of it for 127.0.0.1, both
// good for an hour. It returns what a server shows, and the authority as PEM for
// clients to trust.
func Certificate() (config *tls.Config, authority []byte, err error) {
	signer := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "esdbtest authority"},
		NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	node := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "esdbtest node"},
		NotBefore: signer.NotBefore, NotAfter: signer.NotAfter,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage:    x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	signerKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("esdbtest: %w", err)
	}
	nodeKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("esdbtest: %w", err)
	}
	root, err := x509.CreateCertificate(rand.Reader, signer, signer, &signerKey.PublicKey, signerKey)
	if err != nil {
		return nil, nil, fmt.Errorf("esdbtest: %w", err)
	}
	leaf, err := x509.CreateCertificate(rand.Reader, node, signer, &nodeKey.PublicKey, signerKey)
	if err != nil {
		return nil, nil, fmt.Errorf("esdbtest: %w", err)
	}
	config = &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{leaf}, PrivateKey: nodeKey}},
		MinVersion:   tls.VersionTLS12,
	}
	return config, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root}), nil
}
