"""The live call: reception, session, recorder, and the voice process around them."""
