"""Codecs by name."""

from annie.edge.rtp.codec import Codec, CodecName
from annie.edge.rtp.g711 import PCMA, PCMU
from annie.edge.rtp.g722 import g722


def open_codec(name: CodecName) -> Codec:
    """A codec for one call."""
    if name == "G722":
        return g722()
    return PCMU if name == "PCMU" else PCMA
