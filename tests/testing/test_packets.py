"""The client's half of MQTT, against the sandbox's half."""

from __future__ import annotations

from botkit.messenger._doors import SocketConnect
from botkit.sandbox import mqtt
from botkit.testing import _packets
from botkit.testing._packets import Connack, Message


def test_what_the_client_says_is_what_the_server_hears():
    """Connect, subscribe, disconnect."""
    said = [
        _packets.connect(SocketConnect("client", '{"u": "1"}', keepalive_s=10)),
        _packets.subscribe(7, ["/t_ms", "/ls_resp"]),
        _packets.DISCONNECT,
    ]
    assert list(mqtt.Decoder().feed(b"".join(said))) == [
        mqtt.Connect(True, 10, "client", '{"u": "1"}'),
        mqtt.Subscribe(7, (("/t_ms", 0), ("/ls_resp", 0))),
        mqtt.Disconnect(),
    ]


def test_packets_are_put_together_from_any_pieces():
    """Also those whose length takes several bytes; acknowledgements and pongs are nobody's business."""
    long = b"x" * 20_000
    said = [
        mqtt.connack(5),
        mqtt.suback(1, 2),
        mqtt.publish("/t_ms", b"{}", 9),
        mqtt.puback(3),
        mqtt.pingresp(),
        mqtt.publish("/thread_typing", long),
    ]
    expected = [Connack(5), Message("/t_ms", b"{}", 9), Message("/thread_typing", long)]
    whole = b"".join(said)
    assert list(_packets.Reader().feed(whole)) == expected
    reader = _packets.Reader()
    pieces = [whole[i : i + 7] for i in range(0, len(whole), 7)]
    assert [packet for piece in pieces for packet in reader.feed(piece)] == expected
