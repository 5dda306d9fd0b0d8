"""How a caller is greeted."""

from annie.agent import hours
from annie.agent.phrases import sentences
from annie.agent.protocols import AgentTurn
from annie.agent.training import Training


def greeting(training: Training, context: AgentTurn) -> str:
    """What the caller is greeted with: the bot's own words, else ours with its name."""
    closed = hours.is_open(training, context.now) is False
    own = sentences(training.language)
    name = training.organization_name
    spoken = training.phone_greeting or training.greeting
    if closed:
        if training.closed_phone_greeting:
            return training.closed_phone_greeting
        if spoken:
            return f"{spoken} {own.closed_now}"
        return own.closed_greeting.format(name=name) if name else own.closed_greeting_nameless
    if spoken:
        return spoken
    return own.greeting.format(name=name) if name else own.greeting_nameless
