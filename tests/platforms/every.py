"""Plugin of pytest with the option `--every N`: run the first of each N tests, for emulated machines."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--every", type=int, default=1, metavar="N", help="run the first of each N selected tests")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    n = config.getoption("--every")
    kept = items[::n]
    config.hook.pytest_deselected(items=[item for i, item in enumerate(items) if i % n])
    items[:] = kept
