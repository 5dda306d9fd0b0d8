import pytest
from hypothesis import given
from hypothesis import strategies as st

from annie.numbers.e164 import caller_number, normalize

pytestmark = pytest.mark.unit

nanp = st.from_regex(r"[2-9][0-9]{2}[2-9][0-9]{6}", fullmatch=True)


@pytest.mark.parametrize(
    "spelling",
    [
        "+12125550100",
        "12125550100",
        "2125550100",
        "(212) 555-0100",
        "212.555.0100",
        "tel:+1-212-555-0100",
        "sip:+12125550100@127.0.0.1:5060",
        "+1 212 555 0100;ext=5",
    ],
)
def test_every_spelling_of_a_number_is_the_same_number(spelling: str) -> None:
    assert normalize(spelling) == "+12125550100"


@pytest.mark.parametrize("text", ["", "annie", "12", "+", "911x", "+1" + "2" * 50, "٣٣٣٤٤٤٥٥٥٥"])
def test_what_is_no_number_is_none(text: str) -> None:
    assert normalize(text) is None


@pytest.mark.parametrize("text", ["+442079460018", "442079460018"])
def test_a_number_abroad_is_known_with_and_without_plus(text: str) -> None:
    assert normalize(text) == "+442079460018"


@given(nanp)
def test_national_and_international_spellings_agree(digits: str) -> None:
    assert normalize(digits) == normalize("1" + digits) == normalize("+1" + digits)


@given(nanp)
def test_normalizing_twice_changes_nothing(digits: str) -> None:
    once = normalize(digits)
    assert once is not None
    assert normalize(once) == once


@given(st.text(max_size=60))
def test_nothing_that_is_dialled_raises(text: str) -> None:
    number = normalize(text)
    assert number is None or (number.startswith("+") and number[1:].isdigit())


def test_a_hidden_caller_has_no_number() -> None:
    assert caller_number("anonymous") == ""
    assert caller_number("2125550123") == "+12125550123"
    assert caller_number("alice") == "alice"
