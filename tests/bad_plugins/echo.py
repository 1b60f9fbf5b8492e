"""Has the name of a plugin that is installed."""
