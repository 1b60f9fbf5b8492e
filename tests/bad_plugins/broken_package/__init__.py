"""A package with a part that is missing."""

from .missing import on_message
