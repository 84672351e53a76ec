"""What each key of an exported line means, in one sentence; the schemas carry them."""

from __future__ import annotations

_CODES = "as the contact centre numbers it"

#: Descriptions of the keys of interactions, of every entity.
INTERACTION: dict[str, str] = {
    "id": "The interaction's id: what `entityid` of an attachment and `parentId` refer to.",
    "ixnId": "The interaction's id again, under its documented name.",
    "status": "0 New, 1 Pending, 2 InProcess, 3 Stopped.",
    "entityTypeId": "0 EmailIn, 1 EmailOut, 2 Chat, 3 PhoneCall, 5 Callback, 6 CoBrowse,"
    " 7 OpenMedia.",
    "mediaTypeId": "The medium, such as email, chat or voice; the list is open.",
    "typeId": "Inbound, Outbound or Internal.",
    "subtypeId": "What kind of it, such as InboundNew or OutboundReply; the list is open.",
    "externalId": "The id that another system gave it.",
    "ownerId": f"The agent who owns it, {_CODES}.",
    "contactId": "The `contactId` of its contact.",
    "parentId": "The `id` of the interaction that it answers or was made from.",
    "startDate": "When it began.",
    "modifiedDate": "When it was last changed.",
    "endDate": "When it ended.",
    "threadId": "What all interactions of one conversation share.",
    "categoryId": "The category it was put into.",
    "timeShift": "Minutes between the contact's local time and UTC.",
    "subject": "Its subject.",
    "text": "Its plain text.",
    "structuredText": "Its structured text; of a chat the transcript, in XML.",
    "structTextMimetype": "The MIME type of `structuredText`.",
    "theComment": "Notes of agents.",
    "tenantId": f"The tenant, {_CODES}.",
    "subtenantId": f"The part of the tenant, {_CODES}.",
    "threadHash": "A number made from the thread, for finding it quickly.",
    "canBeParent": "Whether another interaction may answer it.",
    "creatorAppId": f"The application that made it, {_CODES}.",
    "queueName": "The queue it was last in.",
    "allAttributes": "All further attributes, as an object; as base64 where the source's bytes"
    " are none that can be read as one.",
    "isSpam": "Whether it was marked as spam.",
    "webSafeEmailStatus": "Whether the content was made safe to be shown in a browser.",
    "isCategoryApproved": "Whether somebody confirmed the category.",
    "stoppedReason": "Why it was stopped, such as Normal, Sent or Terminated.",
    "lang": "The language it is in.",
    **{f"strAttribute{n}": f"Text attribute {n} of the operator's own." for n in range(1, 11)},
    **{f"intAttribute{n}": f"Number attribute {n} of the operator's own." for n in range(1, 6)},
    "fromAddress": "The sender's address.",
    "fromPersonal": "The sender's name.",
    "replyToAddress": "The address that answers were asked to go to.",
    "toAddresses": "The addressees, separated by commas.",
    "ccAddresses": "Those who got a copy, separated by commas.",
    "bccAddresses": "Those who got a hidden copy, separated by commas.",
    "mailbox": "The mailbox it was taken from.",
    "sentDate": "When it was sent.",
    "header": "The header of the message as it came.",
    "reviewerId": f"The agent who reviewed it, {_CODES}.",
    "standardResponseId": "The standard response it was made with.",
    "establishedDate": "When the session was established.",
    "releasedDate": "When the session was released.",
    "duration": "Seconds that the call took.",
    "outcome": "How the call ended.",
    "phoneNumber": "The number that called or was called.",
    "tConnectionId": "The connection id of the telephony server.",
    "callBackStatus": f"The state of the callback, {_CODES}.",
    "desiredResponseType": f"The kind of answer that was asked for, {_CODES}.",
    "startTime": "From when the callback was wanted.",
    "endTime": "Until when the callback was wanted.",
    "customerNumber": "The number to call.",
    "attempts": "How many times it was tried.",
    "dn": "The directory number it was routed over.",
    "location": "The place it was routed at.",
    "callbackServerId": "The server that handled it.",
    "callResult": f"The result of the last try, {_CODES}.",
    "customData": "What the application stored with it.",
}

#: Descriptions of the keys of a contact.
CONTACT: dict[str, str] = {
    "contactId": "The contact's id: what `contactId` of an interaction refers to.",
    "tenantId": f"The tenant, {_CODES}.",
    "createdDate": "When it was made.",
    "modifiedDate": "When it was last changed.",
    "mergeId": "The `contactId` of the contact that this one was merged into.",
    "attributes": "Its attributes; one name may have many values, the first of them primary.",
}

#: Descriptions of the keys of one attribute of a contact.
CONTACT_ATTRIBUTE: dict[str, str] = {
    "name": "The attribute's name; upper and lower case mean the same.",
    "value": "Its value.",
    "isPrimary": "Whether it is the first among the values of this name.",
    "description": "What the value is, such as home or office.",
    "mimeType": "The MIME type of a value that is no plain text.",
    "modifiedDate": "When it was last changed.",
}

#: Descriptions of the keys of an attachment.
ATTACHMENT: dict[str, str] = {
    "id": "The attachment's id.",
    "entityid": "The `id` of its interaction.",
    "name": "Its file name, exactly as the source has it: never use it as a path.",
    "description": "What it is.",
    "mimeType": "Its MIME type.",
    "size": "Bytes, as the source says; counted from the content where the source does not.",
    "createdDate": "When it was made.",
    "content": "Its bytes; null where the source holds none.",
    "sha256": "The SHA-256 of its bytes, hexadecimal; null without content.",
}
