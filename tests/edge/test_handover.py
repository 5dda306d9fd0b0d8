"""What the edge keeps of its calls, and what callers without a voice process hear."""

from uuid import UUID

import pytest

from annie.edge.handover import AGAIN, GIVE_UP, Handover
from annie.kit import link

pytestmark = pytest.mark.unit

FACTS = link.CallFacts("+13055550100", "+13055550101")
FRAME = bytes(link.FRAME_BYTES)
WAIT, FAREWELL = b"w" * link.FRAME_BYTES, b"f" * link.FRAME_BYTES


class FakePlayer:
    """A line whose queue the test sets."""

    def __init__(self) -> None:
        self.queued = 0
        self.played: list[tuple[int, bytes]] = []
        self.gone = False

    def position(self, call: int) -> tuple[int, int, int] | None:
        return None if self.gone else (4, 17, self.queued)

    def play(self, call: int, epoch: int, pcm: bytes) -> None:
        assert epoch == 4
        self.played.append((call, pcm))


class Scene:
    def __init__(self) -> None:
        self.player = FakePlayer()
        self.given_up: list[int] = []
        self.handover = Handover(self.player, self.given_up.append)
        self.handover.begin(1, FACTS)

    def checkpoint(self, state: bytes = b"s", *, owed: bool = False) -> None:
        self.handover.keep(link.Checkpoint(1, UUID(int=1), "SPANISH", owed, state))

    def comfort(self, language: str = "SPANISH") -> None:
        self.handover.keep_comfort(link.Comfort(language, WAIT, FAREWELL))


@pytest.fixture
def scene() -> Scene:
    made = Scene()
    made.comfort()
    made.checkpoint()
    return made


def test_a_caller_left_alone_is_comforted_at_once_and_again_after_a_while(scene: Scene) -> None:
    assert scene.handover.lost(1, 100.0)
    assert scene.player.played == [(1, WAIT)]
    scene.handover.tick(100.0 + AGAIN - 0.1)
    assert len(scene.player.played) == 1
    scene.handover.tick(100.0 + AGAIN)
    assert len(scene.player.played) == 2


def test_comfort_waits_until_what_is_queued_was_heard(scene: Scene) -> None:
    scene.player.queued = 5
    scene.handover.lost(1, 100.0)
    assert scene.player.played == []
    scene.player.queued = 0
    scene.handover.tick(100.1)
    assert scene.player.played == [(1, WAIT)]


def test_whoever_takes_the_call_gets_the_newest_checkpoint_and_the_place(scene: Scene) -> None:
    scene.checkpoint(b"newer")
    scene.handover.lost(1, 100.0)
    assert scene.handover.waiting == (1,)
    resumed = scene.handover.resume(1)
    assert resumed == link.CallResumed(1, FACTS, UUID(int=1), b"newer", 4, 17, 0, True)
    assert scene.handover.waiting == ()
    scene.handover.tick(100.0 + GIVE_UP)
    assert scene.given_up == []


def test_a_caller_who_heard_no_comfort_is_not_said_to_have(scene: Scene) -> None:
    scene.player.queued = 9
    scene.handover.lost(1, 100.0)
    resumed = scene.handover.resume(1)
    assert resumed is not None
    assert (resumed.queued, resumed.comforted) == (9, False)


def test_after_a_while_the_call_is_given_up_with_a_farewell(scene: Scene) -> None:
    scene.handover.lost(1, 100.0)
    scene.handover.tick(100.0 + GIVE_UP)
    assert scene.player.played[-1] == (1, FAREWELL)
    assert scene.given_up == [1]
    scene.handover.tick(100.0 + 2 * GIVE_UP)
    assert scene.given_up == [1]


def test_a_call_without_a_checkpoint_can_not_go_on() -> None:
    scene = Scene()
    assert not scene.handover.lost(1, 100.0)
    assert scene.handover.resume(1) is None


def test_a_standstill_is_only_bridged_for_callers_who_wait_for_an_answer(scene: Scene) -> None:
    scene.handover.stalled([1], 100.0)
    assert scene.player.played == []
    scene.checkpoint(owed=True)
    scene.handover.stalled([1], 100.0)
    scene.handover.stalled([1], 100.1)
    assert scene.player.played == [(1, WAIT)]
    scene.handover.moving([1])
    scene.handover.stalled([1], 101.0)
    assert len(scene.player.played) == 2


def test_a_call_that_is_over_is_forgotten(scene: Scene) -> None:
    scene.handover.lost(1, 100.0)
    scene.handover.forget(1)
    scene.handover.forget(1)
    scene.checkpoint()
    assert (scene.handover.waiting, scene.handover.conversations) == ((), ())


def test_oversized_state_and_broken_comfort_are_refused(scene: Scene) -> None:
    scene.checkpoint(bytes(link.MAX_STATE + 1))
    scene.handover.keep_comfort(link.Comfort("SPANISH", b"odd", FAREWELL))
    for number in range(100):
        scene.comfort(f"language {number}")
    scene.handover.lost(1, 100.0)
    assert scene.player.played == [(1, WAIT)]
    resumed = scene.handover.resume(1)
    assert resumed is not None
    assert resumed.state == b"s"


def test_a_line_that_is_gone_meanwhile_is_not_resumed(scene: Scene) -> None:
    scene.player.gone = True
    assert scene.handover.lost(1, 100.0)
    assert scene.handover.resume(1) is None
