"""Ears: voice activity, turn ends and recognition, for all calls of a process."""

from annie.speech.ears.activity import VoiceActivity
from annie.speech.ears.back_channel import is_back_channel
from annie.speech.ears.call import CallEars, EarListener
from annie.speech.ears.ears import Ears

__all__ = ["CallEars", "EarListener", "Ears", "VoiceActivity", "is_back_channel"]
