"""A TLS echo server on the newest OpenSSL, which Python's cryptography package brings with it.

Prints "OpenSSL VERSION listening HOST:PORT", and for each connection whose handshake is done a line
"VERSION SUITE resumed|full EARLY", the last the number of bytes of early data.
"""

import argparse
import socket
import threading

from OpenSSL import SSL
from OpenSSL._util import ffi, lib

VERSIONS = {"TLSv1.2": SSL.TLS1_2_VERSION, "TLSv1.3": SSL.TLS1_3_VERSION}
MAX_EARLY_DATA = 16384
READ_EARLY_DATA_FINISH = 2


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cert", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--version", choices=VERSIONS)
    parser.add_argument("--group", help="the only group accepted, by OpenSSL's name")
    parser.add_argument("--clients", help="PEM of authorities: clients need their certificates")
    parser.add_argument("--alpn")
    parser.add_argument("--early-data", action="store_true")
    options = parser.parse_args()

    context = make_context(options)
    listener = socket.create_server(("127.0.0.1", 0))
    host, port = listener.getsockname()
    version = SSL.OpenSSL_version(SSL.OPENSSL_VERSION).decode().split()[1]
    print(f"OpenSSL {version} listening {host}:{port}", flush=True)
    while True:
        accepted, _ = listener.accept()
        threading.Thread(target=serve, args=(context, accepted, options), daemon=True).start()


def make_context(options):
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.use_certificate_chain_file(options.cert)
    context.use_privatekey_file(options.key)
    context.set_session_id(b"webtls")
    if options.version:
        context.set_min_proto_version(VERSIONS[options.version])
        context.set_max_proto_version(VERSIONS[options.version])
    if options.group:
        # pyOpenSSL has no method for it.
        if lib.SSL_CTX_set1_curves_list(context._context, options.group.encode()) != 1:
            raise SystemExit(f"OpenSSL has no group {options.group}")
    if options.clients:
        context.load_verify_locations(options.clients)
        context.load_client_ca(options.clients)
        context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT)
    if options.alpn:
        wanted = options.alpn.encode()
        context.set_alpn_select_callback(
            lambda _, offered: wanted if wanted in offered else SSL.NO_OVERLAPPING_PROTOCOLS
        )
    if options.early_data:
        lib.SSL_CTX_set_max_early_data(context._context, MAX_EARLY_DATA)
    return context


def serve(context, accepted, options):
    connection = SSL.Connection(context, accepted)
    connection.set_accept_state()
    try:
        early = read_early_data(connection) if options.early_data else b""
        connection.do_handshake()
        resumed = "resumed" if lib.SSL_session_reused(connection._ssl) else "full"
        version = connection.get_protocol_version_name()
        print(version, connection.get_cipher_name(), resumed, len(early), flush=True)
        if early:
            connection.sendall(early)
        echo(connection)
        connection.shutdown()
        accepted.shutdown(socket.SHUT_WR)
        # The client may still have a close_notify of its own on the way.
        accepted.recv(1024)
    except (SSL.Error, OSError) as error:
        print("failed:", repr(error), flush=True)
    finally:
        accepted.close()


def read_early_data(connection):
    """What a client sent with its ClientHello (SSL_read_early_data(3))."""
    buffer = ffi.new("char[]", MAX_EARLY_DATA)
    length = ffi.new("size_t *")
    early = b""
    while True:
        result = lib.SSL_read_early_data(connection._ssl, buffer, MAX_EARLY_DATA, length)
        early += ffi.buffer(buffer, length[0])[:]
        # An error shows again in the handshake that follows.
        if result in (0, READ_EARLY_DATA_FINISH):
            return early


def echo(connection):
    while True:
        try:
            received = connection.recv(65536)
        except SSL.ZeroReturnError:
            return
        connection.sendall(received)


main()
