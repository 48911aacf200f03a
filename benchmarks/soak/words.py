"""What is said in a short call."""

from __future__ import annotations

from typing import Final

QUESTIONS: Final = ("What is your name?", "Which city do you call from?")
ANSWERS: Final = ("My name is Anna Miller.", "I call from Springfield.")
GOODBYE: Final = "Thank you. Goodbye."
