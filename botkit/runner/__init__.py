"""The host of a bot: loads plugins, keeps the journal, walks each event through the hooks, sends what they queue."""
