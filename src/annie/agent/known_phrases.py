"""What Annie is likely to say on the calls of a bot, for synthesizing it ahead."""

from annie.agent import hours
from annie.agent.phrases import fixed_sentences, sentences
from annie.agent.training import Training


def all_phrases(training: Training) -> list[str]:
    """What is known beforehand, likeliest first: worth synthesizing ahead."""
    own = sentences(training.language)
    name = training.organization_name
    spoken = training.phone_greeting or training.greeting
    greetings = [
        spoken or (own.greeting.format(name=name) if name else own.greeting_nameless),
        training.closed_phone_greeting
        or (f"{spoken} {own.closed_now}" if spoken else "")
        or (own.closed_greeting.format(name=name) if name else own.closed_greeting_nameless),
    ]
    address = training.address.spoken
    facts = [
        *(faq.answer.strip() for faq in training.faqs),
        hours.week(training) if training.hours else "",
        own.address.format(address=address) if address else "",
        own.identity.format(name=name) if name else own.identity_nameless,
    ]
    return list(
        dict.fromkeys(
            text for text in (*greetings, *facts, *fixed_sentences(training.language)) if text
        )
    )
