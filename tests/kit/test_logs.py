import logging

import pytest

from annie.kit.logs import EventFormatter

pytestmark = pytest.mark.unit


def _record(**extra: object) -> logging.LogRecord:
    record = logging.makeLogRecord({"name": "annie.calls", "levelname": "INFO", "msg": "it_was"})
    vars(record).update(extra)
    return record


def test_what_is_given_as_extra_follows_the_event():
    line = EventFormatter("voice").format(_record(status=503, reason="busy now"))
    assert line.endswith('INFO voice annie.calls it_was status=503 reason="busy now"')


def test_personal_data_is_hidden_unless_asked_for():
    record = _record(caller="+14155550123")
    assert "4155550123" not in EventFormatter("voice").format(record)
    assert "4155550123" in EventFormatter("voice", personal=True).format(record)
