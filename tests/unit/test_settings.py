"""Settings: typed, explained, and clear about what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from nova_agent.errors import SettingsError
from settings import checked_region, load, masked, naming, variables

EXAMPLE = Path(__file__).parents[2] / "settings" / "env.example"


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import os  # noqa: PLC0415 – only to clear what the machine has set

    for name in list(os.environ):
        if name.upper().startswith("NOVA_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_defaults_need_no_environment() -> None:
    assert load().sonic.model == "amazon.nova-2-sonic-v1:0"


def test_a_variable_sets_a_nested_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOVA_SONIC__TURN_DETECTION", "HIGH")
    assert load().sonic.turn_detection == "HIGH"


def test_a_dotenv_file_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("NOVA_LOG__FORMAT=json\n")
    assert load().log.format == "json"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("NOVA_SONIC__TURN_DETECTION", "FAST", "'HIGH', 'MEDIUM' or 'LOW'"),
        ("NOVA_SONIC__MAX_TOKENS", "many", "valid integer"),
        ("NOVA_SONIC__ENDPOINT_URL", "http://localhost:8443", "https://"),
        ("NOVA_SONIC__CA_BUNDLE", "/nowhere/ca.pem", "not a file"),
        ("NOVA_CALL__TIME_ZONE", "Mars/Olympus", "IANA"),
        ("NOVA_STORE__URL", "nova.db", "Write it like sqlite+aiosqlite:///data/nova.db"),
        ("NOVA_SONC__REGION", "eu-north-1", "NOVA_SONIC__REGION"),
        ("NOVA_SONIC__FALLBACK_REGIONS", "eu-north-1; us-east-1", "eu-north-1,us-west-2"),
        ("NOVA_SONIC__FALLBACK_REGIONS", "europe", "Write it like us-west-2 or"),
        ("NOVA_SONIC__FALLBACK_ENDPOINT_URLS", "http://localhost:8443", "Write it like https://"),
        ("NOVA_SONIC__FALLBACK_ENDPOINT_URLS", "https://localhost:8443", "one address for each"),
        ("NOVA_SONIC__MAX_STREAMS", "-1", "greater than or equal to 0"),
        ("NOVA_CALL__MESSAGES_DIRECTORY", "/nowhere", "/nowhere/apology.wav: cannot be read"),
        ("NOVA_CALL__WHEN_LOST", "pray", "'hang-up' or 'transfer'"),
        ("NOVA_SONIC__REGION", "Frankfurt", "Write it like us-east-1."),
        ("NOVA_CALL__TRANSFER_TO", "+14155550100", "tel:+14155550100 or sip:desk@example.com"),
        ("NOVA_CALL__TRANSFER_TO", "sip:example.com", "tel:+14155550100 or sip:desk@example.com"),
    ],
)
def test_a_bad_value_names_setting_value_and_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load()
    assert name in str(caught.value)
    assert said in str(caught.value)


def test_fallback_regions_come_one_by_one_with_their_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load().sonic.fallbacks == ()
    monkeypatch.setenv("NOVA_SONIC__FALLBACK_REGIONS", "eu-north-1, us-east-1")
    assert load().sonic.fallbacks == (("eu-north-1", None), ("us-east-1", None))
    monkeypatch.setenv("NOVA_SONIC__FALLBACK_ENDPOINT_URLS", "https://north.test,https://east.test:8443")
    assert load().sonic.fallbacks == (("eu-north-1", "https://north.test"), ("us-east-1", "https://east.test:8443"))


def test_as_many_addresses_as_regions_are_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOVA_SONIC__FALLBACK_REGIONS", "eu-north-1")
    monkeypatch.setenv("NOVA_SONIC__FALLBACK_ENDPOINT_URLS", "https://a.test,https://b.test")
    with pytest.raises(SettingsError, match="one address for each"):
        load()


@pytest.mark.parametrize("to", ["tel:+14155550100", "tel:911", "sip:desk@example.com", "sips:+1415@pbx.test:5061"])
def test_a_transfer_has_somewhere_to_go(monkeypatch: pytest.MonkeyPatch, to: str) -> None:
    monkeypatch.setenv("NOVA_CALL__WHEN_LOST", "transfer")
    with pytest.raises(SettingsError, match="NOVA_CALL__TRANSFER_TO: is not set"):
        load()
    monkeypatch.setenv("NOVA_CALL__TRANSFER_TO", to)
    assert load().call.transfer_to == to


def test_all_findings_come_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOVA_SONIC__TURN_DETECTION", "FAST")
    monkeypatch.setenv("NOVA_LOG__LEVEL", "loud")
    with pytest.raises(SettingsError) as caught:
        load()
    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.parametrize("region", ["x y", "", "us-east-1 ", "http://127.0.0.1"])
def test_a_region_from_elsewhere_is_checked_like_the_setting(region: str) -> None:
    assert checked_region("eu-north-1") == "eu-north-1"
    with pytest.raises(SettingsError, match="is no AWS region"):
        checked_region(region)


def test_an_error_names_the_variable_that_its_text_stands_in() -> None:
    with pytest.raises(SettingsError, match=r"^NOVA_LOCAL__FAULTS: no such fault$"), naming("NOVA_LOCAL__FAULTS"):
        raise SettingsError("no such fault")


def test_a_password_in_a_url_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert masked("postgresql+asyncpg://nova:secret@db/nova") == "postgresql+asyncpg://nova:***@db/nova"
    monkeypatch.setenv("NOVA_STORE__URL", "Postgres://nova:secret@db/nova")
    with pytest.raises(SettingsError) as caught:
        load()
    assert "secret" not in str(caught.value)


def test_every_setting_is_explained_and_stands_in_the_example() -> None:
    example = EXAMPLE.read_text()
    for name, field in variables():
        assert field.description, name
        assert f"{name}=" in example, name


def test_the_example_names_no_setting_that_does_not_exist() -> None:
    known = {name for name, _ in variables()}
    named = {line.lstrip("# ").partition("=")[0] for line in EXAMPLE.read_text().splitlines() if "NOVA_" in line}
    assert {name for name in named if name.startswith("NOVA_")} <= known


def test_every_pattern_has_examples_that_fit_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with_patterns = [(name, field) for name, field in variables() if any(hasattr(m, "pattern") for m in field.metadata)]
    assert with_patterns
    monkeypatch.setenv("NOVA_SONIC__FALLBACK_REGIONS", "eu-north-1")
    for name, field in with_patterns:
        assert field.examples, f"{name} has a pattern, which says nothing to whoever sets it wrong"
        for example in field.examples:
            with monkeypatch.context() as one:
                one.setenv(name, example)
                if "ENDPOINT_URLS" in name:
                    one.setenv("NOVA_SONIC__FALLBACK_REGIONS", ",".join(["us-west-2"] * len(example.split(","))))
                load()
