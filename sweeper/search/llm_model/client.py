"""A chat with a language model behind any OpenAI-compatible server.

The key goes from the environment to the server and nowhere else: it is in no message, record or
repr. What a server says of an error is not passed on either, for some quote the key.
"""

import logging
import time
from typing import Any

import httpx2
import openai
from pydantic import BaseModel, Field, ValidationError

from sweeper.search.llm_model.settings import Server, Unanswered

MOST_BYTES = 1_000_000
"""Of an answer; a longer one is not read on."""

for _name in ("openai", "httpx2"):  # they would log every request, the address included
    logging.getLogger(_name).setLevel(logging.WARNING)


class Chat:
    """Asks one server; tries again, with growing pauses, after a timeout, a 429 or a 5xx.

    A pause that the server wishes (Retry-After) is kept up to two minutes; one that wishes for
    more is not asked again.
    """

    def __init__(self, server: Server, timeout: float, retries: int) -> None:
        """Ask nothing yet.

        Args:
            server: to ask.
            timeout: seconds until an answer begins, and again until it ends.
            retries: how often to try again.
        """
        self._client = openai.OpenAI(
            api_key=server.key, base_url=server.url, timeout=timeout, max_retries=retries
        )
        self._model = server.model
        self._timeout = timeout
        self._options: dict[str, object] = {"response_format": {"type": "json_object"}}

    def answer(self, messages: list[dict[str, str]]) -> str:
        """Answer of the model to a conversation, "" when there is none.

        Raises:
            Unanswered: after all tries.
        """
        try:
            try:
                body = self._body(messages)
            except openai.BadRequestError:  # perhaps a server that knows no response_format
                if not self._options:
                    raise
                self._options = {}
                body = self._body(messages)
        except (openai.APITimeoutError, httpx2.TimeoutException):
            raise Unanswered(f"no answer within {self._timeout:g} s") from None
        except openai.APIStatusError as error:
            raise Unanswered(f"HTTP {error.status_code}") from None
        except (openai.OpenAIError, httpx2.HTTPError) as error:
            raise Unanswered(f"no connection ({type(error).__name__})") from None
        try:
            return _Completion.model_validate_json(body).choices[0].message.content or ""
        except ValidationError:
            raise Unanswered("an answer that is no chat completion") from None

    def _body(self, messages: list[dict[str, str]]) -> bytes:
        given: Any = {"model": self._model, "messages": messages, **self._options}
        body = bytearray()
        with self._client.chat.completions.with_streaming_response.create(**given) as response:
            deadline = time.monotonic() + self._timeout
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > MOST_BYTES:
                    raise Unanswered(f"an answer of more than {MOST_BYTES:,} bytes")
                if time.monotonic() > deadline:
                    raise Unanswered(f"no answer within {self._timeout:g} s")
        return bytes(body)


class _Message(BaseModel):
    content: str | None


class _Choice(BaseModel):
    message: _Message


class _Completion(BaseModel):
    """Fields that are read of the server's answer."""

    choices: list[_Choice] = Field(min_length=1)
