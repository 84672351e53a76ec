"""What a service refused in a job, beside the field of the form that can put it right."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cxport.console.mistakes import advice
from cxport.domain.errors import InvalidInput, RequestError, WrongState

#: The field of the form for the services' name of it.
_FIELDS = {
    "source": "source",
    "type": "source",
    "title": "title",
    "description": "description",
    "timeFrame": "period",
    "timeFrame.dateFrom": "date_from",
    "timeFrame.dateTo": "date_to",
    "timeFrame.relative": "relative",
    "timeFrame.incremental": "period",
    "schedulerParam": "when",
    "schedulerParam.cron": "cron",
    "schedulerParam.runs": "limit",
    "schedulerParam.startDate": "start",
    "schedulerParam.timezone": "timezone",
    "jobParams.type": "data_type",
    "jobParams.entities": "entities",
    "jobParams.media": "media",
    "jobParams.filter": "filters",
    "jobParams.fileSplitSize": "split_size",
    "jobParams.profile": "profile",
    "jobParams.priority": "priority",
    "jobParams.missedTicks": "missed_ticks",
}
_CONDITION = re.compile(r"jobParams\.filter\.([0-9]+)\.(attribute|operator|value)")


@dataclass(frozen=True, kw_only=True)
class FormError:
    """An error: the field where it stands (empty: above the form), and what the service said.

    The label `wrong.<label>` says what is right; `detail` is the service's own.
    """

    field: str
    label: str
    detail: str


def form_error(error: RequestError) -> FormError:
    """Find the place of a refusal."""
    if isinstance(error, WrongState):
        return FormError(field="", label="begun", detail="")
    if not isinstance(error, InvalidInput):
        return FormError(field="", label="refused", detail=error.said)
    detail = advice(error)
    condition = _CONDITION.fullmatch(error.field)
    if condition:
        place = f"filter_{condition[2]}_{condition[1]}"
        return FormError(field=place, label=f"filter_{condition[2]}", detail=detail)
    if error.field == "certificate":
        return FormError(field="", label="certificate", detail=detail)
    field = _FIELDS.get(error.field, "")
    return FormError(field=field, label=field or "refused", detail=detail)
