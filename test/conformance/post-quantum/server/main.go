// Command server is a TLS 1.3 echo server on Go's crypto/tls, with one key exchange group.
//
// It prints "listening HOST:PORT", and for each connection whose handshake is done a line of JSON
// that says what was negotiated.
package main

import (
	"crypto/tls"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
)

var groups = map[string]tls.CurveID{
	"X25519MLKEM768": tls.X25519MLKEM768,
	"x25519":         tls.X25519,
	"secp256r1":      tls.CurveP256,
	"secp384r1":      tls.CurveP384,
	"secp521r1":      tls.CurveP521,
}

type negotiated struct {
	Version string `json:"version"`
	Suite   string `json:"suite"`
	Group   string `json:"group"`
	Retried bool   `json:"retried"`
}

func main() {
	log.SetFlags(0)
	certificate := flag.String("cert", "", "certificate chain, PEM file")
	key := flag.String("key", "", "private key, PEM file")
	group := flag.String("group", "X25519MLKEM768", "the only group accepted, by its IANA name")
	flag.Parse()

	id, known := groups[*group]
	if !known {
		log.Fatalf("unknown group %q", *group)
	}
	identity, err := tls.LoadX509KeyPair(*certificate, *key)
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening", listener.Addr())

	config := &tls.Config{
		Certificates:     []tls.Certificate{identity},
		MinVersion:       tls.VersionTLS13,
		CurvePreferences: []tls.CurveID{id},
	}
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
		Version: tls.VersionName(state.Version),
		Suite:   tls.CipherSuiteName(state.CipherSuite),
		Group:   groupName(state.CurveID),
		Retried: state.HelloRetryRequest,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(line))
	io.Copy(connection, connection)
}

func groupName(id tls.CurveID) string {
	for name, known := range groups {
		if known == id {
			return name
		}
	}
	return id.String()
}
