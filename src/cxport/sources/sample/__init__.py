"""The sample contact centre: the default tables of UCS 8.5, filled from a seed."""

from cxport.sources.sample.rows import SampleCounts
from cxport.sources.sample.write import write_sample

__all__ = ["SampleCounts", "write_sample"]
