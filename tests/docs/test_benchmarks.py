"""The pages of figures are those of the results that are kept."""

from __future__ import annotations

from bench import kept, pages
from bench.picture import growth_picture


def test_the_benchmarks_are_those_that_were_kept() -> None:
    """docs/benchmarks.md and its picture are written from docs/benchmarks.json alone."""
    results = kept.kept()

    assert pages.PAGE.read_text() == pages.benchmarks(results)
    if "growth" in results["steps"]:
        assert pages.PICTURE.read_text() == growth_picture(results["steps"]["growth"])


def test_the_sizes_are_those_of_the_model() -> None:
    """docs/howto/size.md says what the model says of the figures that were measured."""
    page = pages.SIZE.read_text()

    assert pages.sized(page, kept.kept()) == page
