"""What the job in the editor would export, asked of its source before it is saved."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cxport.console.job_errors import FormError, form_error
from cxport.console.job_form import JobForm
from cxport.console.job_words import request_of
from cxport.console.visit import MemberVisit
from cxport.domain.errors import InvalidInput, LimitReached, SourceUnreachable
from cxport.domain.job import JobSpec
from cxport.domain.source import StoredSource
from cxport.services.estimates import JobEstimate


@dataclass(frozen=True, kw_only=True)
class ShownEstimate:
    """What the source's statistics expect, or why they could not be asked."""

    found: JobEstimate | None = None
    error: FormError | None = None


def estimate_of(
    visit: MemberVisit, form: JobForm, source: StoredSource | None, stored: JobSpec | None
) -> ShownEstimate:
    """Ask, in bounded time; a title is not needed for that."""
    titled = form if form.title.strip() else replace(form, title="?")
    try:
        request = request_of(titled, source, stored)
        return ShownEstimate(found=visit.services.estimates.estimate(visit.caller, request))
    except InvalidInput as error:
        return ShownEstimate(error=form_error(error))
    except SourceUnreachable as error:
        detail = error.said
        return ShownEstimate(error=FormError(field="", label="unreachable", detail=detail))
    except LimitReached as error:
        return ShownEstimate(error=FormError(field="", label="busy", detail=error.said))
