"""What can go wrong with ESM as a whole. Trouble with one card is an outcome, never one of these.

::

    EsmError
     ├─ EsmUnreachable       no connection: host, DNS, TLS, refused
     ├─ EsmAuthError         login or token not accepted
     ├─ EsmPermissionError   logged in, but not allowed
     ├─ UnknownTemplate      no such template, or not visible to the user
     ├─ UnknownAttribute     no such attribute in a template that is there
 ├─ UnknownCard          no such data card, or not visible to the user
     ├─ EsmRefused           ESM understood and said no (400 and its like; ``<error>`` from the Web API)
     ├─ EsmUnavailable       5xx or no answer, after retries
     │   └─ EsmRateLimited   429, after waiting
     ├─ EsmUncertain         sent, and no answer says whether ESM did it; sending it again may do it twice
 └─ EsmProtocolError     an answer that is not what ESM answers: not JSON, not XML, a page that repeats

A text names the method and the path of the request, never its query or body: those carry values. What ESM itself said
is kept apart in ``detail``, which is not part of the text, because ESM likes to quote values.
"""

from __future__ import annotations


class EsmError(Exception):
    """Base of all.

    :param message: a sentence for an administrator: what, and the mend
    :param method: HTTP method
    :param path: path of the request without query
    :param status: HTTP status of the answer, ``None`` where there was none
    :param retryable: whether the same thing may work later without anybody doing anything
    :param detail: what ESM said, unredacted; not part of the text
    """

    retryable_by_nature = False
    exhausted = False
    """Whether the retries of this package have been spent on it."""

    def __init__(
        self,
        message: str,
        *,
        method: str | None = None,
        path: str | None = None,
        status: int | None = None,
        retryable: bool | None = None,
        detail: str = "",
    ) -> None:
        self.message = message
        self.method = method
        self.path = path
        self.status = status
        self.retryable = self.retryable_by_nature if retryable is None else retryable
        self.detail = detail
        where = [f"{method} {path}"] if method and path else []
        if status is not None:
            where.append(f"HTTP {status}")
        super().__init__(f"{message} ({', '.join(where)})" if where else message)


class EsmUnreachable(EsmError):
    """No connection could be made; nothing was sent."""

    retryable_by_nature = True


class EsmAuthError(EsmError):
    """ESM does not accept the login."""


class EsmPermissionError(EsmError):
    """ESM knows the user and does not let it do this."""


class UnknownTemplate(EsmError):
    """There is no such template, or the user may not see it."""


class UnknownAttribute(EsmError):
    """The template has no such attribute, or the user may not see it."""


class UnknownCard(EsmError):
    """There is no such data card, or the user may not see it."""


class EsmRefused(EsmError):
    """ESM understood the request and refused it."""


class EsmUnavailable(EsmError):
    """ESM failed or did not answer, again and again.

    ``ambiguous`` says that the request may have been carried out all the same.
    """

    retryable_by_nature = True

    def __init__(
        self,
        message: str,
        *,
        ambiguous: bool = True,
        method: str | None = None,
        path: str | None = None,
        status: int | None = None,
        detail: str = "",
    ) -> None:
        super().__init__(message, method=method, path=path, status=status, detail=detail)
        self.ambiguous = ambiguous


class EsmRateLimited(EsmUnavailable):
    """ESM asks to be left alone for a while. Nothing was carried out.

    ``retry_after`` holds the seconds it asked for, ``None`` where it named none.
    """

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        method: str | None = None,
        path: str | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(message, ambiguous=False, method=method, path=path, status=status)
        self.retry_after = retry_after


class EsmUncertain(EsmError):
    """Something that must not be done twice was sent, and no answer says whether ESM did it: look before trying again.

    Not ``retryable``: whether it is already done is for the caller to find out.
    """


class EsmProtocolError(EsmError):
    """The answer is not one that ESM gives: something else is listening there, or ESM changed."""
