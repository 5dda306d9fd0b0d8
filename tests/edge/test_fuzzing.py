"""Whatever comes from the network: never an exception, never a leftover.

The same targets run for minutes with ``python -m bench.fuzz``; here a few hundred inputs each.
"""

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.fuzz import __main__ as fuzzers
from bench.fuzz.mutation import mutated
from bench.fuzz.seeds import SEEDS, TOKENS
from bench.fuzz.targets import NEXT, TARGETS
from tests.edge.sip.sip_peer import SDP

pytestmark = pytest.mark.unit


@st.composite
def near_seeds(draw: st.DrawFn, name: str) -> bytes:
    """A seed with a few pieces replaced, which shrinks towards the seed."""
    data = bytearray(draw(st.sampled_from(SEEDS[name])))
    pieces = st.one_of(st.sampled_from(TOKENS), st.binary(max_size=8))
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(data)))
        data[at : at + draw(st.integers(0, 12))] = draw(pieces)
    return bytes(data)


@pytest.mark.parametrize("name", TARGETS)
def test_the_seeds_themselves_are_borne(name: str) -> None:
    for data in SEEDS[name]:
        TARGETS[name](data)


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_mutated_input_does_no_harm(name: str, data: st.DataObject) -> None:
    TARGETS[name](data.draw(near_seeds(name)))


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=600))
def test_any_octets_do_no_harm(name: str, data: bytes) -> None:
    TARGETS[name](data)


FOUND = {
    # A zone with NUL in it: sending there raised, in every tick, for all calls of the slot.
    "a host with a zone": (
        "descriptions",
        SDP.encode().replace(b"IP4 10.0.0.9\r\nt", b"IP6 fe80::1%a\0b\r\nt"),
    ),
    # A provisional response with our branch and another call's Call-ID stopped all timers.
    "another call's provisional response": (
        "datagrams",
        next(seed for seed in SEEDS["datagrams"] if seed.startswith(b"SIP/2.0 183")).split(NEXT)[0],
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found_once_stays_mended(name: str) -> None:
    target, data = FOUND[name]
    TARGETS[target](data)


def test_a_finding_ends_the_run_and_keeps_its_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(data: bytes) -> None:
        assert b"\r\n\r\n" not in data

    monkeypatch.setitem(TARGETS, "rtcp", broken)
    monkeypatch.setattr(fuzzers, "guided", fuzzers.at_random)
    arguments = ["--seconds", "60", "--findings", str(tmp_path), "rtcp"]
    assert fuzzers.main(arguments) == 1
    assert "rtcp: found something" in capsys.readouterr().out
    (finding,) = tmp_path.iterdir()
    assert b"\r\n\r\n" in finding.read_bytes()


def test_mutation_is_repeatable_and_changes_something() -> None:
    seeds = SEEDS["datagrams"]
    first = [mutated(seeds, TOKENS, random.Random(3)) for _ in range(5)]
    assert first == [mutated(seeds, TOKENS, random.Random(3)) for _ in range(5)]
    assert not set(first) <= set(seeds)
