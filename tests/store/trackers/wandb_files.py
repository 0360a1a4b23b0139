"""Reading what W&B writes offline: LevelDB's log format, a protobuf message per record."""

import struct

from google.protobuf.json_format import MessageToDict

HEADER, BLOCK = 7, 32768


def records(path):
    """Every record of a .wandb file as a dict, in order."""
    from wandb.proto.wandb_internal_pb2 import Record

    content, at, parts = path.read_bytes(), HEADER, []
    while at < len(content):
        if (left := BLOCK - at % BLOCK) < HEADER:
            at += left
            continue
        _, size, kind = struct.unpack_from("<IHB", content, at)
        parts.append(content[at + HEADER : at + HEADER + size])
        at += HEADER + size
        if kind in (1, 4):  # whole, or the last part
            yield MessageToDict(Record.FromString(b"".join(parts)))
            parts = []
