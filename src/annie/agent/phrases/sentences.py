"""The shape of what Annie can say of her own, one instance per language."""

from dataclasses import dataclass


@dataclass(slots=True, frozen=True)
class Sentences:
    """Written sentences; braces name what is filled in. Tuples hold variants for repetition."""

    # Greeting and leave-taking
    greeting: str
    greeting_nameless: str
    closed_greeting: str
    closed_greeting_nameless: str
    closed_now: str
    farewell: tuple[str, ...]
    you_are_welcome: tuple[str, ...]
    anything_else: tuple[str, ...]
    how_can_i_help: tuple[str, ...]
    identity: str
    identity_nameless: str
    help: str
    # Not understanding
    unclear: tuple[str, ...]
    unclear_offer: str
    unknown: tuple[str, ...]
    unknown_again: str
    unknown_other: str
    offer_message: str
    corrected: tuple[str, ...]
    rephrase: tuple[str, ...]
    no_transfer: str
    hold_on: str
    # Silence, and numbers that no bot answers
    #: After the caller was kept waiting, and where nothing was asked.
    back_again: str
    go_on: str
    check_in: tuple[str, ...]
    silence_end: str
    number_without_bot: str
    number_without_bot_nameless: str
    # Taking a message
    ask_name: str
    ask_name_again: tuple[str, ...]
    ask_number: str
    ask_number_nameless: str
    offer_own_number: str
    offer_own_number_nameless: str
    ask_other_number: str
    number_missing: str
    number_missing_one: str
    number_invalid: tuple[str, ...]
    no_number: str
    confirm_number: str
    confirm_number_again: str
    correct_number: str
    ask_content: str
    ask_content_again: str
    summary: str
    summary_nameless: str
    summary_question: str
    what_to_change: str
    #: Written, never said: the content of a message that was left without one.
    subject_unsaid: str
    stored: str
    not_stored: str
    message_cancelled: str
    # Facts of the organization
    address: str
    address_unknown: str
    phone: str
    phone_unknown: str
    hours_unknown: str
    hours_of_day: str
    hours_of_day_unknown: str
    closed_on_day: str
    today: str
    tomorrow: str
    weekdays: tuple[str, ...]
    #: For what is so every week.
    on_weekdays: tuple[str, ...]
    #: For the next day of that name.
    coming_weekdays: tuple[str, ...]
    through: str
    hours_range: str
    open_around_the_clock: str
    week: str
    week_part: str
    open_now: str
    open_now_until: str
    closed_now_opens_today: str
    closed_now_opens_tomorrow: str
    closed_now_opens_on: str
    closed_now_unknown: str
    special_day: str
    and_word: str
