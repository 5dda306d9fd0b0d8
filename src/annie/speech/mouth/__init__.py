"""From text to audio: speakable text, voices, synthesis, cache."""
