"""When a job runs: its schedule in the contract's words, and the ticks that follow from it."""

from cxport.schedule.cron import cron_fields
from cxport.schedule.ticks import first_tick, next_tick
from cxport.schedule.wording import ScheduleWords, read_schedule

__all__ = ["ScheduleWords", "cron_fields", "first_tick", "next_tick", "read_schedule"]
