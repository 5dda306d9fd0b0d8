"""What Annie says in English."""

from typing import Final

from annie.agent.phrases.sentences import Sentences

ENGLISH: Final = Sentences(
    greeting="Hello, thank you for calling {name}. This is Annie. How can I help you?",
    greeting_nameless="Hello, thank you for calling. This is Annie. How can I help you?",
    closed_greeting=(
        "Hello, thank you for calling {name}. This is Annie. We are closed at the moment, "
        "but I can answer questions or take a message. How can I help you?"
    ),
    closed_greeting_nameless=(
        "Hello, thank you for calling. This is Annie. We are closed at the moment, "
        "but I can answer questions or take a message. How can I help you?"
    ),
    closed_now="We are closed at the moment, but I can answer questions or take a message.",
    farewell=(
        "Thank you for calling. Goodbye.",
        "Thank you for calling, and have a good day. Goodbye.",
    ),
    you_are_welcome=("You're welcome.", "My pleasure."),
    anything_else=("Is there anything else I can help you with?", "Can I help with anything else?"),
    how_can_i_help=("How can I help you?", "Of course. What would you like to know?"),
    identity="This is Annie, the virtual assistant of {name}. How can I help you?",
    identity_nameless="This is Annie, a virtual assistant. How can I help you?",
    help="I can answer questions about our services, our hours and our address, or take a message.",
    unclear=(
        "I'm sorry, I didn't catch that. Could you say it again, please?",
        "I'm sorry, I still didn't understand. Could you say it in other words?",
    ),
    unclear_offer=(
        "I'm sorry, I'm having trouble understanding you. "
        "Would you like to leave a message for our staff?"
    ),
    unknown=(
        "I'm sorry, I don't know that. Would you like to leave a message so that our staff "
        "can call you back?",
        "I'm afraid I don't have that information. Shall I take a message for our staff?",
    ),
    unknown_again="I'm afraid I don't know that either. Shall I take a message for our staff?",
    unknown_other="About the other question, I'm afraid I don't know.",
    offer_message="Would you like to leave a message for our staff?",
    corrected=("I'm sorry, I misunderstood.", "I'm sorry about that."),
    rephrase=(
        "I'm sorry, I misunderstood. Could you ask it in other words, please?",
        "I'm sorry about that. Could you tell me once more what you would like to know?",
    ),
    no_transfer=(
        "I'm sorry, I can't put you through to anybody, but I can take a message so that "
        "our staff can call you back. Would you like that?"
    ),
    hold_on="Of course, take your time.",
    back_again="Thank you for waiting.",
    go_on="What can I do for you?",
    check_in=("Are you still there?", "Hello? I can't hear you. Are you still on the line?"),
    silence_end="I can't hear you, so I'll end the call now. Please call again any time. Goodbye.",
    number_without_bot=(
        "Thank you for calling {name}. This number isn't in service yet. "
        "Please try again later. Goodbye."
    ),
    number_without_bot_nameless=(
        "Thank you for calling. This number isn't in service yet. Please try again later. Goodbye."
    ),
    ask_name="I'd be happy to take a message. What is your name, please?",
    ask_name_again=(
        "I'm sorry, I didn't catch your name. Could you say it again, please?",
        "I'm sorry, could you spell your name for me, please?",
    ),
    ask_number="Thank you, {name}. What number can we call you back on?",
    ask_number_nameless="What number can we call you back on?",
    offer_own_number=(
        "Thank you, {name}. Shall we call you back on the number you're calling from, "
        "ending in {ending}?"
    ),
    offer_own_number_nameless=(
        "Shall we call you back on the number you're calling from, ending in {ending}?"
    ),
    ask_other_number="Which number should we call, please?",
    number_missing="I have {digits} so far. {missing} digits are missing. How does it go on?",
    number_missing_one="I have {digits} so far. One digit is missing. What is the last one?",
    number_invalid=(
        "I'm sorry, I didn't get the number. Could you say it once more, digit by digit?",
        "I'm sorry, I still don't have it. You can also type the number on your phone's keypad.",
    ),
    no_number="All right, we'll do without a number.",
    confirm_number="I have {number}. Is that right?",
    confirm_number_again="Is the number {number} right?",
    correct_number="I'm sorry. What is the right number?",
    ask_content="Thank you. What is your message?",
    ask_content_again="I'm sorry, I didn't catch that. What would you like me to tell our staff?",
    summary="So the message from {sender} is: {content}",
    summary_nameless="So the message is: {content}",
    summary_question="Shall I pass it on like that?",
    what_to_change="What should I change: the name, the number or the message?",
    subject_unsaid="(The caller left before saying what it was about.)",
    stored="Thank you, I've passed on your message.",
    not_stored="I'm sorry, I couldn't save your message. Shall I try again?",
    message_cancelled="All right, no message then.",
    address="Our address is {address}.",
    address_unknown="I'm sorry, I don't have our address.",
    phone="Our phone number is {number}.",
    phone_unknown="I'm sorry, I don't have a phone number for you.",
    hours_unknown="I'm sorry, I don't have our opening hours.",
    hours_of_day="{day} we are open from {hours}.",
    hours_of_day_unknown="I don't know our hours {day}.",
    closed_on_day="{day} we are closed.",
    today="today",
    tomorrow="tomorrow",
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    on_weekdays=(
        "on Monday", "on Tuesday", "on Wednesday", "on Thursday", "on Friday", "on Saturday",
        "on Sunday",
    ),
    coming_weekdays=(
        "on Monday", "on Tuesday", "on Wednesday", "on Thursday", "on Friday", "on Saturday",
        "on Sunday",
    ),
    through="{first} to {last}",
    hours_range="{opens} to {closes}",
    open_around_the_clock="around the clock",
    week="We are open {parts}.",
    week_part="{days} from {hours}",
    open_now="Yes, we are open now.",
    open_now_until="Yes, we are open now, until {closes}.",
    closed_now_opens_today="No, we are closed right now. We open today at {opens}.",
    closed_now_opens_tomorrow="No, we are closed right now. We open again tomorrow at {opens}.",
    closed_now_opens_on="No, we are closed right now. We open again {day} at {opens}.",
    closed_now_unknown="No, we are closed right now.",
    special_day="I'm sorry, I don't know our hours on holidays or particular dates.",
    and_word="and",
)  # fmt: skip
