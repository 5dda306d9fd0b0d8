"""Inputs made of seeds at random, for a machine without a fuzzer that follows coverage."""

import random
from collections.abc import Sequence


def mutated(seeds: Sequence[bytes], tokens: Sequence[bytes], dice: random.Random) -> bytes:
    """A seed with one to eight changes: cut, doubled, overwritten, spliced with another."""
    data = bytearray(dice.choice(seeds))
    for _ in range(dice.randint(1, 8)):
        at = dice.randint(0, len(data))
        until = min(len(data), at + dice.choice((0, 1, 2, 4, 12, 60)))
        match dice.randrange(6):
            case 0:
                del data[at:until]
            case 1:
                data[at:at] = data[at:until] * dice.choice((1, 2, 40))
            case 2:
                data[at:until] = dice.choice(tokens)
            case 3:
                data[at:until] = dice.randbytes(until - at)
            case 4:
                other = dice.choice(seeds)
                begin = dice.randint(0, len(other))
                data[at:until] = other[begin : begin + dice.choice((8, 60, 400))]
            case _ if at < len(data):
                data[at] ^= 1 << dice.randrange(8)
            case _:
                data += dice.choice(tokens)
    return bytes(data[:60_000])
