"""The survey taker: questionnaires by voice, one committed answer at a time."""
