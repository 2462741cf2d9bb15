// Command server is a TLS echo server on Go's crypto/tls.
//
// It prints "listening HOST:PORT", and for each connection whose handshake is done a line of JSON
// that says what was negotiated.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
)

var groups = map[string]tls.CurveID{
	"X25519MLKEM768": tls.X25519MLKEM768,
	"x25519":         tls.X25519,
	"secp256r1":      tls.CurveP256,
	"secp384r1":      tls.CurveP384,
	"secp521r1":      tls.CurveP521,
}

var versions = map[string]uint16{
	"TLSv1.2": tls.VersionTLS12,
	"TLSv1.3": tls.VersionTLS13,
}

type negotiated struct {
	Version    string `json:"version"`
	Suite      string `json:"suite"`
	Group      string `json:"group"`
	Retried    bool   `json:"retried"`
	Resumed    bool   `json:"resumed"`
	ServerName string `json:"serverName"`
	ECH        bool   `json:"ech"`
	Clients    int    `json:"clients"`
}

func main() {
	log.SetFlags(0)
	certificate := flag.String("cert", "", "certificate chain, PEM file")
	key := flag.String("key", "", "private key, PEM file")
	group := flag.String("group", "", "the only group accepted, by its IANA name")
	version := flag.String("version", "", "the only version, TLSv1.2 or TLSv1.3; both without it")
	clients := flag.String("clients", "", "PEM file of authorities: clients need their certificates")
	protocol := flag.String("alpn", "", "the application protocol spoken")
	echConfig := flag.String("ech", "", "an ECHConfig, in hex")
	echKey := flag.String("ech-key", "", "its private key, in hex")
	flag.Parse()

	identity, err := tls.LoadX509KeyPair(*certificate, *key)
	if err != nil {
		log.Fatal(err)
	}
	config := &tls.Config{
		Certificates: []tls.Certificate{identity},
		MinVersion:   tls.VersionTLS12,
	}
	if *group != "" {
		config.CurvePreferences = []tls.CurveID{known(groups, *group)}
	}
	if *version != "" {
		config.MinVersion = known(versions, *version)
		config.MaxVersion = config.MinVersion
	}
	if *clients != "" {
		config.ClientCAs = readAuthorities(*clients)
		config.ClientAuth = tls.RequireAndVerifyClientCert
	}
	if *protocol != "" {
		config.NextProtos = []string{*protocol}
	}
	if *echConfig != "" {
		config.EncryptedClientHelloKeys = []tls.EncryptedClientHelloKey{{
			Config:      fromHex(*echConfig),
			PrivateKey:  fromHex(*echKey),
			SendAsRetry: true,
		}}
	}

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening", listener.Addr())
	for {
		connection, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go serve(tls.Server(connection, config))
	}
}

// serve prints what was negotiated, and echoes until the client ends its side.
func serve(connection *tls.Conn) {
	defer connection.Close()
	if err := connection.Handshake(); err != nil {
		log.Println("handshake failed:", err)
		return
	}
	state := connection.ConnectionState()
	line, err := json.Marshal(negotiated{
		Version:    tls.VersionName(state.Version),
		Suite:      tls.CipherSuiteName(state.CipherSuite),
		Group:      groupName(state.CurveID),
		Retried:    state.HelloRetryRequest,
		Resumed:    state.DidResume,
		ServerName: state.ServerName,
		ECH:        state.ECHAccepted,
		Clients:    len(state.PeerCertificates),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(line))
	io.Copy(connection, connection)
}

func known[T any](table map[string]T, name string) T {
	value, found := table[name]
	if !found {
		log.Fatalf("unknown name %q", name)
	}
	return value
}

func readAuthorities(file string) *x509.CertPool {
	pem, err := os.ReadFile(file)
	if err != nil {
		log.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		log.Fatalf("no certificates in %s", file)
	}
	return pool
}

func fromHex(text string) []byte {
	bytes, err := hex.DecodeString(text)
	if err != nil {
		log.Fatal(err)
	}
	return bytes
}

func groupName(id tls.CurveID) string {
	for name, known := range groups {
		if known == id {
			return name
		}
	}
	return id.String()
}
