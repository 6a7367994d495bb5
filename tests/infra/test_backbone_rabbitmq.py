"""The backbone over RabbitMQ."""

from __future__ import annotations

import pytest

from tests.infra.backbone_suite import BackboneSuite
from tests.infra.toys.brokers import AMQP_URL, needs_rabbitmq
from tests.infra.versions_suite import VersionsSuite


@pytest.mark.rabbitmq
@needs_rabbitmq
class TestRabbitMQ(VersionsSuite, BackboneSuite):
    @pytest.fixture
    def url(self) -> str:
        return AMQP_URL
