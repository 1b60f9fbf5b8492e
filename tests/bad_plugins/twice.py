"""Has the name of a package beside it."""
