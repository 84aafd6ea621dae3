"""CloudEvents 1.0 over HTTP: POST /events, with Authorization: Bearer KEY of the scope ingest.

200 says that nobody has to send it again, whatever its `status`:

    {"status": "recorded", "seq": 12, "points": 15}
    {"status": "duplicate", "message": "recorded before; nothing was added", "seq": null, "points": 0}

Anything else is an error in the shape of all others, with the part of the event that is wrong as its `field`: 400 for
what is no CloudEvent, 422 for one that the programme refuses, 409 for one that was recorded before with other content.
A batch has a receipt for each event, in order; it is 200, or 422 when an event of it is to be mended. What is sound is
recorded all the same, and the whole batch can be sent again.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from activity.cloudevent import Malformed, MediaTypeUnknown, Mode, from_batch, from_binary, from_structured, mode_of
from activity.intake import Refused, Report
from api.access import Caller, check_address
from api.body import RequestRefused, body_of
from api.context import Service
from api.errors import Forbidden, code_of, problem
from operations.record import BATCH_MAX, Receipt, Status, record
from operations.revision import NoProgramme

PATH = "/events"

TO_MEND = (Status.CONFLICT, Status.REFUSED)


class Answer(NamedTuple):
    """What is told of a request: the status of HTTP, and JSON."""

    status: int
    content: dict[str, Any]


async def receive(request: Request, service: Service, caller: Caller, seconds_max: float) -> Answer:
    """Record the event or the batch of a request; it is committed when this returns. Raises RequestRefused."""
    try:
        check_address(caller, PATH)
        mode = mode_of(request.headers.get("content-type", ""))
    except Forbidden as error:
        raise RequestRefused(403, str(error)) from None
    except MediaTypeUnknown as error:
        raise RequestRefused(415, str(error)) from None
    body = await body_of(request)
    try:
        match mode:
            case Mode.BATCH:
                return _of_batch(await _recorded(service, _batch(body), seconds_max))
            case Mode.STRUCTURED:
                report = from_structured(body)
            case Mode.BINARY:
                report = from_binary(request.headers.items(), body)
        (receipt,) = await _recorded(service, [report], seconds_max)
        return _of_one(receipt)
    except Refused as refused:
        return _refusal(refused)
    except NoProgramme as error:
        return Answer(503, _error(code_of(error), str(error), ""))


def handshake(request: Request) -> Response:
    """The answer to a sender who asks whether events are wanted here, as CloudEvents' webhooks do before the first."""
    headers = {"Allow": "OPTIONS, POST"}
    if "webhook-request-origin" in request.headers:
        headers |= {"WebHook-Allowed-Origin": "*", "WebHook-Allowed-Rate": "*"}
    return Response(status_code=200, headers=headers)


def _batch(body: bytes) -> list[Report | Refused]:
    events = from_batch(body)
    if len(events) > BATCH_MAX:
        told = f"{len(events):,} events are more than one batch may hold; send at most {BATCH_MAX:,} at a time"
        raise RequestRefused(413, told)
    return events


async def _recorded(service: Service, events: Sequence[Report | Refused], seconds_max: float) -> list[Receipt]:
    """A receipt for each event, in order, once what is sound is committed."""
    reports = [event for event in events if isinstance(event, Report)]
    try:
        async with asyncio.timeout(seconds_max), service.store.writing() as work:
            receipts = iter(await record(work, service.revisions, reports, now=service.clock()))
    except TimeoutError:
        told = f"it took longer than {seconds_max:g} seconds and was given up; send it again, or less at once"
        raise RequestRefused(503, told) from None
    return [
        next(receipts) if isinstance(event, Report) else Receipt(Status.REFUSED, event.message, event.field)
        for event in events
    ]


def _of_one(receipt: Receipt) -> Answer:
    if receipt.status not in TO_MEND:
        return Answer(200, _told(receipt))
    status, code = (409, "CONFLICT") if receipt.status is Status.CONFLICT else (422, "REFUSED")
    return Answer(status, _error(code, receipt.message, _attribute(receipt.field)))


def _of_batch(receipts: Sequence[Receipt]) -> Answer:
    told = {"receipts": [{"index": index} | _told(receipt) for index, receipt in enumerate(receipts)]}
    count = sum(receipt.status in TO_MEND for receipt in receipts)
    if not count:
        return Answer(200, told)
    which = f"{count:,} of {len(receipts):,} events cannot be recorded: their receipts say why"
    return Answer(422, _error("REFUSED", f"{which}; mend them and send all again", "") | told)


def _refusal(refused: Refused) -> Answer:
    if isinstance(refused, Malformed):
        return Answer(400, _error("BAD_REQUEST", refused.message, refused.field))
    return Answer(422, _error("REFUSED", refused.message, refused.field))


def _told(receipt: Receipt) -> dict[str, Any]:
    told: dict[str, Any] = {"status": receipt.status}
    if receipt.field:
        told["field"] = _attribute(receipt.field)
    if receipt.message:
        told["message"] = receipt.message
    return told if receipt.status in TO_MEND else told | {"seq": receipt.seq, "points": receipt.points}


def _attribute(field: str) -> str:
    """A part of a report, as an event calls it."""
    return "subject" if field == "member" else field


def _error(code: str, message: str, field: str) -> dict[str, Any]:
    told = problem(message, code)
    if field:
        told["extensions"]["field"] = field
    return {"errors": [told]}
