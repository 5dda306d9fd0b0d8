"""Settings from command line and environment, and what is said about wrong ones."""

from pathlib import Path

import pytest

from annie.kit.settings import Settings, SettingsError

pytestmark = pytest.mark.unit


def test_defaults_are_those_of_the_contract(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings.from_environment({}, {})
    assert (settings.host, settings.port, settings.sip) == ("127.0.0.1", 8080, ("127.0.0.1", 5060))
    assert settings.data == tmp_path / ".annie"
    assert settings.database_url == f"sqlite+aiosqlite:///{tmp_path}/.annie/annie.db"
    assert settings.recordings_dir == tmp_path / ".annie" / "recordings"
    assert (settings.no_demo, settings.rate_limit) == (False, 60)
    assert (settings.sip_allow, settings.sip_trusted) == ((), ())


def test_what_is_given_wins_over_the_environment_and_that_over_defaults() -> None:
    environment = {"ANNIE_PORT": "9000", "ANNIE_HOST": "::1", "ANNIE_NO_DEMO": "1"}
    settings = Settings.from_environment({"port": "9100"}, environment)
    assert (settings.host, settings.port, settings.no_demo) == ("::1", 9100, True)


def test_an_empty_variable_counts_as_none() -> None:
    assert Settings.from_environment({}, {"ANNIE_PORT": " "}).port == 8080


def test_networks_are_read_from_a_comma_separated_list() -> None:
    settings = Settings.from_environment({}, {"ANNIE_SIP_ALLOW": "203.0.113.7, 2001:db8::/32,"})
    assert settings.sip_allow == ("203.0.113.7/32", "2001:db8::/32")


def test_codecs_are_chosen_and_ordered() -> None:
    assert Settings.from_environment({}, {}).sip_codecs == ("PCMU", "PCMA", "G722")
    settings = Settings.from_environment({}, {"ANNIE_SIP_CODECS": "g722, pcma"})
    assert settings.sip_codecs == ("G722", "PCMA")


def test_natural_voices_are_wanted_unless_refused() -> None:
    assert Settings.from_environment({}, {}).natural_voices
    assert not Settings.from_environment({}, {"ANNIE_NATURAL_VOICES": "0"}).natural_voices
    assert Settings.from_environment({}, {"ANNIE_DATA": "/srv/a"}).voices_dir == Path(
        "/srv/a/voices"
    )


def test_an_ipv6_endpoint_may_have_brackets() -> None:
    assert Settings.from_environment({"sip": "[::1]:5080"}, {}).sip == ("::1", 5080)


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("ANNIE_PORT", "http", "a port from 1 to 65535"),
        ("ANNIE_PORT", "70000", "a port from 1 to 65535"),
        ("ANNIE_SIP", "5060", "HOST:PORT"),
        ("ANNIE_SIP", "localhost:sip", "HOST:PORT"),
        ("ANNIE_NO_DEMO", "maybe", "1 or 0"),
        ("ANNIE_NATURAL_VOICES", "some", "1 or 0"),
        ("ANNIE_RATE_LIMIT", "-1", "0 for no limit"),
        ("ANNIE_SIP_ALLOW", "example.com", "203.0.113.0/24"),
        ("ANNIE_SIP_CODECS", "PCMA,opus", "PCMU,PCMA,G722"),
        ("ANNIE_SIP_CODECS", "PCMA,PCMA", "PCMU,PCMA,G722"),
        ("ANNIE_MEDIA_TIMEOUT", "-1", "0 for any time"),
        ("ANNIE_LOG_LEVEL", "loud", "DEBUG, INFO, WARNING, ERROR"),
    ],
)
def test_a_wrong_value_is_named_with_what_would_do(variable: str, value: str, said: str) -> None:
    with pytest.raises(SettingsError, match=variable) as caught:
        Settings.from_environment({}, {variable: value})
    assert said in str(caught.value)
    assert repr(value) in str(caught.value)


def test_a_wrong_argument_is_named_as_it_was_typed() -> None:
    with pytest.raises(SettingsError, match="--port is 'x'"):
        Settings.from_environment({"port": "x"}, {})


def test_a_socket_whose_path_would_be_too_long_goes_to_the_temporary_directory() -> None:
    short = Settings.from_environment({"data": "/srv/annie"}, {})
    assert short.link_socket == Path("/srv/annie/run/link.sock")
    long = Settings.from_environment({"data": "/srv/" + "a" * 90}, {})
    other = Settings.from_environment({"data": "/srv/" + "b" * 90}, {})
    assert len(str(long.link_socket)) <= 100
    assert long.run_dir != other.run_dir
    assert long.run_dir == Settings.from_environment({"data": "/srv/" + "a" * 90}, {}).run_dir


def test_accounts_are_read_and_never_shown() -> None:
    environment = {"ANNIE_SIP_CHALLENGE": "0.0.0.0/0", "ANNIE_SIP_ACCOUNTS": "pbx:se:cret, desk:x"}
    settings = Settings.from_environment({}, environment)
    assert settings.sip_accounts == {"pbx": "se:cret", "desk": "x"}
    assert "se:cret" not in repr(settings)


@pytest.mark.parametrize("accounts", ["pbx", "pbx:", ":hunter2", "a:hunter2,a:hunter2", "a:\x01"])
def test_accounts_that_are_none_are_named_by_their_place_not_their_password(accounts: str) -> None:
    with pytest.raises(SettingsError, match=r"entry \d of ANNIE_SIP_ACCOUNTS") as raised:
        Settings.from_environment({}, {"ANNIE_SIP_ACCOUNTS": accounts})
    assert "hunter2" not in str(raised.value)


def test_a_challenge_that_nobody_could_pass_is_an_error() -> None:
    with pytest.raises(SettingsError, match="nobody could pass"):
        Settings.from_environment({}, {"ANNIE_SIP_CHALLENGE": "10.0.0.0/8"})
