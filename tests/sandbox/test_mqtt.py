"""The codec against literal bytes of dossier 2, section 2.5."""

from __future__ import annotations

import pytest

from botkit.sandbox import mqtt

CONNECT = b"\x10\x1f\x00\x06MQIsdp\x03\x82\x00\x0a\x00\x0cmqttwsclient" + b'\x00\x03{"}'


def decode(data: bytes) -> list[mqtt.Packet]:
    return list(mqtt.Decoder().feed(data))


def test_connect() -> None:
    """CONNECT gives keepalive, client id and user name."""
    assert decode(CONNECT) == [mqtt.Connect(True, 10, "mqttwsclient", '{"}')]


def test_connect_of_mqtt_3_1_1() -> None:
    """Level 4 under its own name is taken too."""
    assert decode(b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01c") == [mqtt.Connect(True, 60, "c", "")]


def test_connect_of_another_version() -> None:
    """An unknown level is told as such, whatever follows."""
    assert decode(b"\x10\x0d\x00\x04MQTT\x05\x02\x00\x3c\x00\x01c") == [mqtt.Connect(False)]


@pytest.mark.parametrize(
    ("data", "packet"),
    [
        (b"\x30\x06\x00\x02/ahi", mqtt.Publish("/a", b"hi")),
        (b"\x32\x08\x00\x02/a\x00\x07hi", mqtt.Publish("/a", b"hi", 7)),
        (b"\x3a\x08\x00\x02/a\x00\x07hi", mqtt.Publish("/a", b"hi", 7)),
        (b"\x40\x02\x01\x02", mqtt.Puback(258)),
        (b"\x82\x0b\x00\x01\x00\x02/a\x00\x00\x01b\x01", mqtt.Subscribe(1, (("/a", 0), ("b", 1)))),
        (b"\xa2\x06\x00\x02\x00\x02/a", mqtt.Unsubscribe(2, ("/a",))),
        (b"\xc0\x00", mqtt.Pingreq()),
        (b"\xe0\x00", mqtt.Disconnect()),
    ],
)
def test_client_packets(data: bytes, packet: mqtt.Packet) -> None:
    """Every packet that a client sends is understood."""
    assert decode(data) == [packet]


@pytest.mark.parametrize(
    ("made", "data"),
    [
        (mqtt.connack(5), b"\x20\x02\x00\x05"),
        (mqtt.publish("/a", b"hi"), b"\x30\x06\x00\x02/ahi"),
        (mqtt.publish("/a", b"hi", 7), b"\x32\x08\x00\x02/a\x00\x07hi"),
        (mqtt.puback(258), b"\x40\x02\x01\x02"),
        (mqtt.suback(1, 2), b"\x90\x04\x00\x01\x00\x00"),
        (mqtt.unsuback(2), b"\xb0\x02\x00\x02"),
        (mqtt.pingresp(), b"\xd0\x00"),
    ],
)
def test_server_packets(made: bytes, data: bytes) -> None:
    """Every packet that the server sends has the bytes of the standard."""
    assert made == data


def test_length_of_several_bytes() -> None:
    """A body of 321 bytes has the length c1 02."""
    packet = mqtt.publish("/a", b"x" * 317)
    assert packet[:3] == b"\x30\xc1\x02"
    assert decode(packet) == [mqtt.Publish("/a", b"x" * 317)]


def test_packet_in_single_bytes() -> None:
    """A packet may come in any number of pieces."""
    decoder = mqtt.Decoder()
    found = [packet for byte in CONNECT for packet in decoder.feed(bytes([byte]))]
    assert found == [mqtt.Connect(True, 10, "mqttwsclient", '{"}')]


def test_packets_joined() -> None:
    """Several packets may come in one piece, the last one unfinished."""
    decoder = mqtt.Decoder()
    assert list(decoder.feed(b"\xc0\x00\x40\x02\x00\x01\xc0")) == [mqtt.Pingreq(), mqtt.Puback(1)]
    assert list(decoder.feed(b"\x00")) == [mqtt.Pingreq()]


@pytest.mark.parametrize(
    "data",
    [
        b"\x30\xff\xff\xff\xff\x01",
        b"\x30\xff\xff\xff\x7f",
        b"\x32\x03\x00\x09/",
        b"\x34\x08\x00\x02/a\x00\x07hi",
        b"\x20\x02\x00\x00",
        b"\x30\x03\x00\x01\xff",
    ],
    ids=["endless length", "too long", "cut off", "QoS 2", "a server's packet", "not UTF-8"],
)
def test_malformed(data: bytes) -> None:
    """What is not MQTT of a web client is an error, not a guess."""
    with pytest.raises(mqtt.MqttError):
        decode(data)
