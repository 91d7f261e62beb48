"""Registry of the sets that have a name."""

import re

from w2v.evaluation.kinds import KINDS
from w2v.evaluation.sets import registry


def test_the_registry_is_complete_and_consistent():
    assert len(registry.SETS) >= 25 and set(registry.STANDARD) <= set(registry.SETS)
    for name, info in registry.SETS.items():
        assert name == info.name == name.lower() and (info.kind in KINDS) != (info.kind in registry.OTHER_KINDS)
        assert (name in registry.STANDARD) == (info.kind in KINDS)
        assert info.title and info.citation and info.licence and info.files
        assert (info.address is None) == (info.sha256 is None) and info.fetchable != bool(info.hint)
        if info.sha256:
            # a fixed commit, so the content never changes
            assert re.fullmatch("[0-9a-f]{64}", info.sha256) and re.search("/[0-9a-f]{40}/", info.address)
    checksums = [info.sha256 for info in registry.SETS.values() if info.sha256]
    assert len(checksums) == len(set(checksums)) >= 15
