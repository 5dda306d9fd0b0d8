"""Where numbers come from: one folder a carrier behind one protocol."""
