"""Leads Messenger's names to the TLS end on loopback, and refuses to look up any other name but loopback's.

For processes that make no other change to a client: certificates and names are verified as ever. The port is in the
environment variable BENCH_TLS_PORT. It needs nothing but the standard library.
"""

import os
import socket

_MESSENGER = (".facebook.com", ".messenger.com")
_look_up = socket.getaddrinfo


def _look_up_here(host, port, *args, **kwargs):
    if host == "127.0.0.1":
        return _look_up(host, port, *args, **kwargs)
    if not str(host).endswith(_MESSENGER):
        raise socket.gaierror(f"nothing beyond Messenger's names is looked up here: {host}")
    return _look_up("127.0.0.1", int(os.environ["BENCH_TLS_PORT"]), *args, **kwargs)


def lead_names_here():
    """From now on a connection to a name of Messenger's goes to the TLS end."""
    socket.getaddrinfo = _look_up_here
