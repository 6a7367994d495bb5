"""The backbone over the embedded broker."""

from __future__ import annotations

import pytest

from tests.infra.backbone_suite import BackboneSuite
from tests.infra.versions_suite import VersionsSuite


class TestMemory(VersionsSuite, BackboneSuite):
    @pytest.fixture
    def url(self) -> str:
        return "memory://"
