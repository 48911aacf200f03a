"""What ``nova-agent sonic serve`` says of its answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from nova_agent.cli.sonic import origin_of_answers


@pytest.mark.parametrize(
    ("brain", "script", "told"),
    [
        ("rules", None, "Its answers come from rules, not from a language model."),
        ("difficult", None, "come from rules, with a difficult model's misdeeds, not from a language model."),
        ("scripted", Path("steps.yaml"), "come from the script steps.yaml, not from a language model."),
        ("echo", None, "repeating what it heard"),
        ("my_brain:ShopBrain", None, "Its answers come from my_brain:ShopBrain."),
    ],
)
def test_the_banner_names_what_answers(brain: str, script: Path | None, told: str) -> None:
    assert told in origin_of_answers(brain, script)
