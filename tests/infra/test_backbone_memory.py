"""The backbone over the embedded broker."""

from __future__ import annotations

import pytest

from tests.infra.backbone_suite import BackboneSuite


class TestMemory(BackboneSuite):
    @pytest.fixture
    def url(self) -> str:
        return "memory://"
