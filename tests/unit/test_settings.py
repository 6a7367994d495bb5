"""Settings: read once, checked all at once, each problem with its cure."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.settings import DEMO_SECRET, FIELDS, Settings, SettingsError, load

SECRET = "s" * 32


def problems(**environ: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(environ)
    return caught.value.problems


def test_demo_needs_nothing_else() -> None:
    settings = load({"LOTSE_DEMO": "1"})
    assert settings.port is None
    assert settings.secret == DEMO_SECRET
    assert settings.embedded_broker
    assert settings.database("forum") == f"sqlite://{Path('data').resolve().as_posix()}/forum.sqlite3"


def test_outside_demo_a_secret_is_required_and_the_cure_named() -> None:
    (problem,) = problems()
    assert problem.startswith("LOTSE_SECRET")
    assert "secrets.token_urlsafe" in problem
    assert problems(LOTSE_SECRET=DEMO_SECRET) == [problem]
    assert load({"LOTSE_SECRET": SECRET}).secret == SECRET


def test_demo_listens_on_this_machine_only() -> None:
    (problem,) = problems(LOTSE_DEMO="1", LOTSE_HOST="0.0.0.0")
    assert problem.startswith("LOTSE_HOST")


def test_all_problems_are_told_at_once() -> None:
    found = problems(
        LOTSE_DEMO="yes",
        LOTSE_PORT="99999",
        LOTSE_RETENTION_DAYS="0",
        LOTSE_LOG_LEVEL="LOUD",
        LOTSE_BROKER_URL="redis://",
        LOTSE_DATABASE_URL="mysql://host/db",
        LOTSE_SMTP_URL="mail.example.org",
        LOTSE_SMTP_DOMAIN_RATES="gmx.net",
        LOTSE_DKIM_KEY="dkim.pem",
        LOTSE_BASE_URL="lotse.example.org",
        LOTSE_SERVICES=" , ",
        LOTSE_SECRET=SECRET,
    )
    named = [problem.split()[0] for problem in found]
    assert named == [
        "LOTSE_DEMO",
        "LOTSE_PORT",
        "LOTSE_RETENTION_DAYS",
        "LOTSE_LOG_LEVEL",
        "LOTSE_SERVICES",
        "LOTSE_BROKER_URL",
        "LOTSE_DATABASE_URL",
        "LOTSE_BASE_URL",
        "LOTSE_SMTP_URL",
        "LOTSE_SMTP_DOMAIN_RATES",
        "LOTSE_DKIM_SELECTOR",
    ]


def test_every_service_has_a_database_of_its_own() -> None:
    settings = load({"LOTSE_DEMO": "1", "LOTSE_DATABASE_URL": "asyncpg://u:p@db/lotse_{service}"})
    assert settings.database("search") == "asyncpg://u:p@db/lotse_search"


def test_every_setting_has_a_field_and_a_meaning() -> None:
    names = [field.name for field in FIELDS]
    assert len(names) == len(set(names))
    expected = {f"LOTSE_{name.upper()}" for name in Settings.__dataclass_fields__}
    assert expected == set(names)
    assert all(field.meaning for field in FIELDS)


@pytest.mark.parametrize(
    ("form", "forum", "search"),
    [
        ("amqp://u:p@host/lotse", "amqp://u:p@host/lotse", "amqp://u:p@host/lotse"),
        ("amqp://lotse_{service}:p@host/lotse", "amqp://lotse_forum:p@host/lotse", "amqp://lotse_search:p@host/lotse"),
        (
            "forum=amqp://f:a%2Fb@one:5672/lotse, search=amqps://s:b,c@two/lotse",
            "amqp://f:a%2Fb@one:5672/lotse",
            "amqps://s:b,c@two/lotse",
        ),
        ("forum=amqp://f:a@one/lotse", "amqp://f:a@one/lotse", ""),
    ],
)
def test_an_address_speaks_for_all_or_for_each_service(form: str, forum: str, search: str) -> None:
    settings = load({"LOTSE_DEMO": "1", "LOTSE_BROKER_URL": form})
    assert (settings.broker("forum"), settings.broker("search")) == (forum, search)
    assert (settings.jobs("forum"), settings.jobs("search")) == (forum, search), "jobs go where events go by default"


def test_each_service_may_name_its_own_database_and_web_address() -> None:
    settings = load(
        {
            "LOTSE_DEMO": "1",
            "LOTSE_DATABASE_URL": "contacts=asyncpg://c:1@db/lotse_contacts,forum=asyncpg://f:2@db/lotse_forum",
            "LOTSE_SERVICE_URLS": "contacts=http://c:8000/, forum=http://f:8000",
        }
    )
    assert settings.database("forum") == "asyncpg://f:2@db/lotse_forum"
    assert settings.service_url("contacts") == "http://c:8000"
    assert settings.service_url("search") == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOTSE_DATABASE_URL", "asyncpg://user@host"),
        ("LOTSE_DATABASE_URL", "asyncpg:///lotse_{service}"),
        ("LOTSE_DATABASE_URL", "contacts=asyncpg://c@db/one,forum=mysql://f@db/two"),
        ("LOTSE_DATABASE_URL", "asyncpg://user:pass/word@host/lotse_{service}"),
        ("LOTSE_BROKER_URL", "amqp://host:port/"),
        ("LOTSE_BROKER_URL", "contacts=memory://"),
        ("LOTSE_JOBS_URL", "amqp://"),
        ("LOTSE_JOBS_URL", "contacts=amqp://c@host/, forum"),
        ("LOTSE_SERVICE_URLS", "http://one.example.org"),
        ("LOTSE_SERVICE_URLS", "contacts=one.example.org"),
    ],
)
def test_an_address_that_is_none_is_named_with_its_cure_and_without_its_password(name: str, value: str) -> None:
    (problem,) = problems(LOTSE_DEMO="1", **{name: value})
    assert problem.startswith(name)
    assert "contacts=" in problem
    assert "pass" not in problem.replace("password", "")


@pytest.mark.parametrize(
    "url", ["meili:7700", "ftp://meili", "http://key:x@meili:7700", "http://a,http://b", "http://{service}"]
)
def test_meilisearch_has_one_plain_address(url: str) -> None:
    (problem,) = problems(LOTSE_DEMO="1", LOTSE_MEILI_URL=url)
    assert problem.startswith("LOTSE_MEILI_URL")


def test_a_key_of_meilisearch_needs_its_address() -> None:
    (problem,) = problems(LOTSE_DEMO="1", LOTSE_MEILI_SEARCH_KEY="k")
    assert problem.startswith("LOTSE_MEILI_URL")
    settings = load({"LOTSE_DEMO": "1", "LOTSE_MEILI_URL": "http://meili:7700/", "LOTSE_MEILI_KEY": "k"})
    assert (settings.meili_url, settings.meili_key, settings.meili_search_key) == ("http://meili:7700", "k", "")


def test_several_mail_servers_are_named_in_their_order() -> None:
    url = "smtp+starttls://u:p%2C%40@a.example.org?connections=4&rate=600, smtps://b.example.org,smtp://[::1]:2525"
    first, second, third = load({"LOTSE_DEMO": "1", "LOTSE_SMTP_URL": url}).smtp_servers
    assert (first.port, first.user, first.password, first.connections, first.rate) == (587, "u", "p,@", 4, 600)
    assert (second.name, second.connections, second.rate) == ("b.example.org:465", 10, 0)
    assert (third.host, third.port) == ("::1", 2525)
    assert "p,@" not in repr(first)


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example.org",
        "smtp://",
        "smtp://a.example.org:port",
        "smtp://a.example.org/path",
        "smtp://a.example.org?rate=fast",
        "smtp://a.example.org?connections=0",
        "smtp://a.example.org?speed=1",
        "smtp://a.example.org, smtp://a.example.org:25",
        "smtp://a example.org",
    ],
)
def test_what_names_no_mail_server_is_refused(url: str) -> None:
    (problem,) = problems(LOTSE_SECRET=SECRET, LOTSE_SMTP_URL=url)
    assert problem.startswith("LOTSE_SMTP_URL")


def test_rates_of_domains_are_compared_as_they_are_sent() -> None:
    settings = load({"LOTSE_DEMO": "1", "LOTSE_SMTP_DOMAIN_RATES": "GMX.net=100, bücher.example=5,*=0"})
    assert settings.domain_rates == {"gmx.net": 100, "xn--bcher-kva.example": 5, "*": 0}


def test_mails_are_signed_by_the_domain_they_come_from() -> None:
    assert load({"LOTSE_DEMO": "1", "LOTSE_MAIL_FROM": "news@hilfe.example"}).dkim_domain == "hilfe.example"
