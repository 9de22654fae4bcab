"""The http provider's hook with a ``jira_cloud`` connection behind it: every endpoint of Jira, this login.

The http provider reads a connection of its own kind. Here it is given one made of ours: the address below which the
API lies (the site, or Atlassian's gateway for scoped tokens), login and token; session, options and redirects stay its
own. What it does not know of Jira is added: an answer has to prove whom it was given to (Jira answers a bad token like
an anonymous visitor, with status 200), and what goes wrong is a
:class:`~airflow_provider_jira.jira.errors.JiraError` that names method and path, never the query, the body or the
token. An endpoint is always below the connection's own site, so it cannot send the token elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import httpx
import requests
from airflow.providers.http.hooks.http import HttpHook
from airflow.sdk import Connection
from requests.adapters import BaseAdapter
from typing_extensions import override

from airflow_provider_jira.hooks.jira import JiraCloudHook

if TYPE_CHECKING:
    from airflow_provider_jira.jira.answers import Judge
    from airflow_provider_jira.jira.auth import Proof
    from airflow_provider_jira.jira.settings import JiraSettings

API_ROOT = "/rest/api/3/"
"""Where an endpoint without a leading slash lies."""

TIMEOUT = (10.0, 60.0)
"""Seconds to connect, and without an answer, where the caller names none: requests itself would wait for ever."""

REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
"""Methods that do no more the second time than the first (RFC 9110, 9.2.2)."""

_WITHOUT_BODY = frozenset({"GET", "HEAD"})
_DECODED = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class _Site(NamedTuple):
    settings: JiraSettings
    base: str
    proof: Proof
    judge: Judge


class JiraHttpHook(HttpHook):
    """Requests to any endpoint of one Jira Cloud site.

    :param method: HTTP method
    :param jira_conn_id: id of a connection of type ``jira_cloud``
    :param repeatable: whether the request may be sent twice without doing its work twice; left out, what its method
        promises. Where it may not, an answer that was lost is an error that is not retried
    :param options: further arguments of the http provider's hook (``tcp_keep_alive`` …)
    """

    conn_name_attr = "jira_conn_id"
    default_conn_name = JiraCloudHook.default_conn_name
    conn_type = JiraCloudHook.conn_type
    hook_name = JiraCloudHook.hook_name

    def __init__(
        self,
        method: str = "GET",
        jira_conn_id: str = default_conn_name,
        *,
        repeatable: bool | None = None,
        **options: Any,
    ) -> None:
        super().__init__(method=method, http_conn_id=jira_conn_id, **options)
        self.jira_conn_id = jira_conn_id
        self.repeatable = self.method in REPEATABLE if repeatable is None else repeatable
        self._known: _Site | None = None

    # The one place where the http provider asks for its connection, and it asks the instance.
    @override
    def get_connection(self, conn_id: str) -> Connection:  # type: ignore[override]
        site = self._site()
        return Connection(
            conn_id=conn_id,
            conn_type="http",
            host=site.base,
            login=site.settings.email,
            password=site.settings.token,
        )

    @override
    def get_conn(
        self, headers: dict[Any, Any] | None = None, extra_options: dict[str, Any] | None = None
    ) -> requests.Session:
        """Open a session.

        :raises ConnectionProblem: the connection cannot be used as it is
        """
        site = self._site()
        session = super().get_conn({"Accept": "application/json", **(headers or {})}, extra_options)
        session.trust_env = session.trust_env and not site.settings.loopback
        for scheme in ("https://", "http://"):
            session.mount(scheme, _Plain(session.get_adapter(scheme), repeatable=self.repeatable))
        return session

    @override
    def url_from_endpoint(self, endpoint: str | None) -> str:
        """Put the address of an endpoint together.

        :param endpoint: ``issue/SUP-1`` (below :data:`API_ROOT`), or from the root: ``/rest/agile/1.0/board``
        :raises JiraRefused: it is a whole address
        """
        return self._site().base + below_root(endpoint)

    @override
    def run(
        self,
        endpoint: str | None = None,
        data: Any = None,
        headers: dict[str, Any] | None = None,
        extra_options: dict[str, Any] | None = None,
        **request_kwargs: Any,
    ) -> requests.Response:
        """Send one request.

        :param endpoint: as for :meth:`url_from_endpoint`
        :param data: of a GET or HEAD the query, else the body: anything but a text or bytes is sent as JSON, which is
            what Jira takes
        :param headers: sent too
        :param extra_options: for the http provider: ``timeout``, ``allow_redirects``, ``check_response`` …
        :param request_kwargs: for requests: ``params``, ``files`` …
        :raises JiraError: there is no answer that can be believed, or (unless ``check_response`` is False) it is a
            refusal
        """
        if self.method not in _WITHOUT_BODY and not isinstance(data, (str, bytes)):
            if data:
                request_kwargs = {"json": data, **request_kwargs}
            data = None
        answer: requests.Response = super().run(
            endpoint, data, headers, {"timeout": TIMEOUT, **(extra_options or {})}, **request_kwargs
        )
        return answer

    @override
    def run_and_check(
        self, session: requests.Session, prepped_request: requests.PreparedRequest, extra_options: dict[Any, Any]
    ) -> requests.Response:
        """Send, and prove the answer before anybody looks at it."""
        from airflow_provider_jira.jira.connection import about  # noqa: PLC0415 - not needed to parse a DAG file

        unchecked = {**extra_options, "check_response": False}
        method, url = str(prepped_request.method), str(prepped_request.url)
        path = urlsplit(url).path.removeprefix(urlsplit(self._site().base).path)
        # The body of the answer is read after the adapter is done, so that it can be lost here, too.
        with about(method, path), _plainly(url, repeatable=self.repeatable):
            answer: requests.Response = super().run_and_check(session, prepped_request, unchecked)
        with about(method, path, _as_httpx(answer)):
            self._believe(answer, refusals=bool(extra_options.get("check_response", True)))
        return answer

    def _believe(self, answer: requests.Response, *, refusals: bool) -> None:
        """Prove one answer; where Jira sends on to another server (which hands out attachments), Jira's own."""
        site = self._site()
        first = _as_httpx(answer.history[0] if answer.history else answer)
        last = _as_httpx(answer)
        elsewhere = first.request.url.host != last.request.url.host
        if elsewhere and "x-aaccountid" not in first.headers:
            site.judge.judge(first)  # a redirect that is not Jira's own: the address of the connection is wrong
        site.proof.check(first)
        if refusals and not last.is_success:
            self._refused(last, answer)
        elif refusals and not elsewhere:
            site.judge.judge(last)

    def _refused(self, shown: httpx.Response, answer: requests.Response) -> None:
        """Say what is wrong, and whether it may be tried again, which nobody has done here."""
        from airflow_provider_jira.jira.errors import JiraRateLimited, JiraUnavailable  # noqa: PLC0415 - as above

        passing = shown.status_code >= 500 or shown.status_code == 408
        # What was sent is not quoted; and where it may have been done, it is not tried again.
        sent = None if passing and self.repeatable else _texts_of(answer.request)
        try:
            self._site().judge.judge(shown, sent=sent)
        except JiraRateLimited as limited:
            limited.message = "Jira takes no more requests at the moment. Nothing was done."
            raise
        except JiraUnavailable as out:
            out.message = "Jira cannot answer at the moment. See https://status.atlassian.com."
            raise

    def _site(self) -> _Site:
        """Find out, once, where the API lies, and who judges its answers."""
        if self._known is None:
            from airflow_provider_jira.jira.answers import Judge  # noqa: PLC0415 - as above
            from airflow_provider_jira.jira.auth import Proof, api_base  # noqa: PLC0415

            settings = JiraCloudHook(self.jira_conn_id).settings()
            proof = Proof(settings, lambda: datetime.now(timezone.utc).date())
            judge = Judge(settings, proof)
            cloud_id = settings.cloud_id
            if settings.auth == "scoped" and cloud_id is None:
                cloud_id = _ask_cloud_id(settings, judge)
            self._known = _Site(settings, api_base(settings, cloud_id), proof, judge)
        return self._known


def below_root(endpoint: str | None) -> str:
    """Write an endpoint as a path below the site.

    :raises JiraRefused: it is a whole address
    """
    from airflow_provider_jira.jira.errors import JiraRefused  # noqa: PLC0415 - not needed to parse a DAG file

    text = (endpoint or "").strip()
    if "://" in text.partition("?")[0] or text.startswith("//"):
        raise JiraRefused(
            "The endpoint is a whole address. Write only what comes after the site, such as issue/SUP-1 or "
            "/rest/agile/1.0/board: the site is the connection's."
        )
    return text if text.startswith("/") else API_ROOT + text


def _ask_cloud_id(settings: JiraSettings, judge: Judge) -> str:
    import msgspec  # noqa: PLC0415 - not needed to parse a DAG file

    from airflow_provider_jira.jira.answers import read  # noqa: PLC0415
    from airflow_provider_jira.jira.auth import TENANT_INFO, Tenant  # noqa: PLC0415
    from airflow_provider_jira.jira.connection import about  # noqa: PLC0415

    with requests.Session() as session:
        session.trust_env = not settings.loopback
        for scheme in ("https://", "http://"):
            session.mount(scheme, _Plain(session.get_adapter(scheme), repeatable=True))
        with about("GET", TENANT_INFO):
            answer = _as_httpx(session.get(settings.site + TENANT_INFO, timeout=TIMEOUT, allow_redirects=False))
    with about("GET", TENANT_INFO, answer):
        judge.public(answer)
        return read(answer, msgspec.json.Decoder(Tenant)).cloud_id


def _as_httpx(answer: requests.Response) -> httpx.Response:
    """Show an answer to those who judge answers, with its body decoded as requests has done it."""
    headers = [(name, value) for name, value in answer.headers.items() if name.lower() not in _DECODED]
    request = httpx.Request(str(answer.request.method), str(answer.request.url or answer.url))
    shown = httpx.Response(answer.status_code, headers=headers, content=answer.content, request=request)
    if shown.is_redirect:
        shown.next_request = httpx.Request("GET", request.url.join(shown.headers["location"]))
    return shown


def _texts_of(request: requests.PreparedRequest) -> list[str]:
    """List the texts that were sent, in the query and in the body."""
    from airflow_provider_jira.model.redact import texts_in  # noqa: PLC0415 - as above

    body = request.body.decode(errors="replace") if isinstance(request.body, bytes) else request.body
    texts = [value for _, value in parse_qsl(urlsplit(str(request.url)).query)]
    if isinstance(body, str):
        try:
            texts += texts_in(json.loads(body))
        except ValueError:  # not JSON: a form, a file
            texts.append(body)
    return texts


class _Plain(BaseAdapter):
    """Says why no answer came before the http provider logs it in the words of requests.

    :param inner: what sends
    :param repeatable: whether a request may be sent twice
    """

    def __init__(self, inner: BaseAdapter, *, repeatable: bool) -> None:
        super().__init__()
        self._inner = inner
        self._repeatable = repeatable

    @override
    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        with _plainly(str(request.url), repeatable=self._repeatable):
            return self._inner.send(request, *args, **options)

    @override
    def close(self) -> None:
        self._inner.close()


@contextmanager
def _plainly(url: str, *, repeatable: bool) -> Iterator[None]:
    """Say in this package's words why no answer came: those of requests repeat the whole address, query included.

    :raises JiraUnreachable: no answer came
    :raises JiraUncertain: neither, to a request that must not be sent twice, and Jira may have got it
    """
    from airflow_provider_jira.jira.answers import no_answer, no_answer_to_change  # noqa: PLC0415 - as above
    from airflow_provider_jira.jira.retry import not_sent  # noqa: PLC0415

    try:
        yield
    except _LOST as error:
        kind = _KINDS.get(type(error), httpx.ReadError)
        lost = (httpx.ConnectError if kind is httpx.ReadError and _not_connected(error) else kind)("")
        lost.__cause__ = error
        tell = no_answer if repeatable or not_sent(lost) else no_answer_to_change
        raise tell(lost, urlsplit(url).hostname or "") from None


_LOST = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)
_KINDS: Mapping[type[requests.RequestException], type[httpx.TransportError]] = {
    requests.exceptions.ConnectTimeout: httpx.ConnectTimeout,
    requests.exceptions.ReadTimeout: httpx.ReadTimeout,
    requests.exceptions.ProxyError: httpx.ProxyError,
    requests.exceptions.SSLError: httpx.ConnectError,
}


def _not_connected(error: requests.RequestException) -> bool:
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return type(reason).__name__ in {"NewConnectionError", "NameResolutionError"}
