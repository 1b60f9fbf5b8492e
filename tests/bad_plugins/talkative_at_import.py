"""Fails while it is imported, with a message of many lines."""

raise RuntimeError("\n".join(f"this is line {number} of a long story" for number in range(10_000)))
